//! Column definitions and constraints, in CREATE TABLE and in ALTER TABLE … ADD.

use super::cursor::{Cursor, Read};
use super::expr::read_expression;
use super::lex::Kind;
use super::statement::{ColumnDef, ConstraintBody, Expression, PrimaryOrUnique, TableConstraint};
use super::types::data_type;
use crate::model::Ident;
use crate::model::catalog::{GeneratedKind, Identity};

/// Does a table constraint start here, not a column?
pub(super) fn at_constraint(c: &Cursor<'_>) -> bool {
    c.is_any(&["constraint", "check", "unique", "primary key", "foreign key", "not null"])
        || (c.is("exclude") && (c.shown(1) == "(" || c.shown(1).eq_ignore_ascii_case("using")))
}

/// `name type [constraints…]`.
pub(super) fn column_def(c: &mut Cursor<'_>) -> Read<ColumnDef> {
    let name = c.ident("the column's name")?;
    let data_type = data_type(c)?.to_owned();
    let mut column = ColumnDef {
        name,
        data_type,
        collation: None,
        not_null: false,
        default: None,
        identity: None,
        generated: None,
        constraints: Vec::new(),
    };
    column_parts(c, &mut column)?;
    Ok(column)
}

/// Everything behind the type.
pub(super) fn column_parts(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<()> {
    while !c.ended() {
        let name = if c.eat("constraint") { Some(c.ident("the constraint's name")?) } else { None };
        if c.eat("not null") {
            c.eat("no inherit");
            column.not_null = true;
        } else if c.eat("default") {
            column.default = Some(column_default(c)?);
        } else if c.eat("collate") {
            column.collation = Some(qualified(c, "a collation")?);
        } else if c.eat("generated") {
            generated(c, column)?;
        } else if let Some(constraint) = inline_constraint(c, name.clone(), &column.name)? {
            column.constraints.push(constraint);
        } else if let Some(trailer) = trailer(c) {
            if let Some(last) = column.constraints.last_mut() {
                let blank = if last.trailer.is_empty() { "" } else { " " };
                last.trailer = format!("{}{blank}{trailer}", last.trailer);
            }
        } else if c.eat("storage") || c.eat("compression") {
            c.at += 1;
        } else if c.eat("options") {
            c.parens()?;
        } else if c.eat("null") || c.eat("with options") {
        } else if c.is("first") || c.is("after") {
            return Err(c
                .problem(format!("`{}` places a column in MySQL, not in PostgreSQL", c.shown(0).to_ascii_uppercase()))
                .hint("PostgreSQL adds columns at the end: leave it out."));
        } else if c.is("on update") || c.is("comment") || c.is("character set") {
            return Err(c
                .problem(format!("`{}` on a column is MySQL's, not PostgreSQL's", c.shown(0).to_ascii_uppercase()))
                .hint("Write the change as PostgreSQL spells it."));
        } else {
            return Err(c.unexpected());
        }
    }
    Ok(())
}

/// A collation or other qualified name, as written.
pub(super) fn qualified(c: &mut Cursor<'_>, what: &str) -> Read<String> {
    let from = c.at;
    c.name(what)?;
    Ok(c.since(from).to_owned())
}

fn generated(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<()> {
    let by_default = c.eat("by default");
    if !by_default {
        c.expect("always")?;
    }
    c.expect("as")?;
    if c.eat("identity") {
        if c.is_mark("(") {
            c.skip_balanced();
        }
        column.identity = Some(if by_default { Identity::ByDefault } else { Identity::Always });
        return Ok(());
    }
    let of = parens_expression(c)?;
    let kept = if c.eat("stored") {
        GeneratedKind::Stored
    } else {
        // PostgreSQL 18: VIRTUAL, also where nothing is said.
        c.eat("virtual");
        GeneratedKind::Virtual
    };
    column.generated = Some((of, kept));
    Ok(())
}

/// `(expression)`: the inside.
pub(super) fn parens_expression(c: &mut Cursor<'_>) -> Read<Expression> {
    let mut inner = c.parens()?;
    inner.at = inner.tokens.len();
    read_expression(&inner, 0, "an expression")
}

/// A column's default ends where, behind an operand, a word stands that connects nothing.
fn column_default(c: &mut Cursor<'_>) -> Read<Expression> {
    let from = c.at;
    let mut operand_ended = false;
    let mut cases = 0usize;
    while let Some(token) = c.peek() {
        let raw = token.of(c.text);
        let word = token.kind == Kind::Word;
        let connects = word && CONNECTS.iter().chain(UNITS).any(|k| raw.eq_ignore_ascii_case(k));
        if operand_ended && cases == 0 && word && !connects {
            break;
        }
        if c.eat_mark("::") {
            data_type(c)?;
            operand_ended = true;
            continue;
        }
        cases += usize::from(word && raw.eq_ignore_ascii_case("case"));
        cases -= usize::from(cases > 0 && word && raw.eq_ignore_ascii_case("end"));
        let unit = UNITS.iter().any(|k| raw.eq_ignore_ascii_case(k));
        operand_ended = unit || (!connects && token.kind != Kind::Op && raw != ".");
        c.skip_balanced();
    }
    read_expression(c, from, "the default's value")
}

/// Words between two operands, or within a typed constant (`timestamp with time zone '…'`).
const CONNECTS: &[&str] = &[
    "and", "or", "is", "distinct", "from", "in", "like", "ilike", "similar", "between", "at", "time", "zone",
    "operator", "with", "without", "to",
];

/// `interval '1' day` ends with its unit.
const UNITS: &[&str] = &["year", "month", "day", "hour", "minute", "second", "precision", "varying"];

fn inline_constraint(c: &mut Cursor<'_>, name: Option<Ident>, column: &Ident) -> Read<Option<TableConstraint>> {
    let mut rest = String::new();
    let body = if c.eat("check") {
        let expression = parens_expression(c)?;
        if c.eat("no inherit") {
            rest = "NO INHERIT".to_owned();
        }
        ConstraintBody::Check { expression }
    } else if c.eat("unique") {
        let nulls_not_distinct = nulls(c);
        rest = index_parameters(c)?;
        ConstraintBody::Unique { columns: vec![column.clone()], include: Vec::new(), nulls_not_distinct }
    } else if c.eat("primary key") {
        rest = index_parameters(c)?;
        ConstraintBody::PrimaryKey { columns: vec![column.clone()], include: Vec::new() }
    } else if c.is("references") {
        references(c, vec![column.clone()])?
    } else {
        return Ok(None);
    };
    Ok(Some(TableConstraint { name, body, not_valid: false, trailer: rest }))
}

fn nulls(c: &mut Cursor<'_>) -> bool {
    let not_distinct = c.eat("nulls not distinct");
    if !not_distinct {
        c.eat("nulls distinct");
    }
    not_distinct
}

/// `WITH (…)`, `USING INDEX TABLESPACE x`, as written.
fn index_parameters(c: &mut Cursor<'_>) -> Read<String> {
    let from = c.at;
    if c.is("with") && c.shown(1) == "(" {
        c.at += 1;
        c.skip_balanced();
    }
    if c.eat("using index tablespace") {
        c.ident("the tablespace's name")?;
    }
    Ok(c.since(from).to_owned())
}

fn references(c: &mut Cursor<'_>, columns: Vec<Ident>) -> Read<ConstraintBody> {
    c.expect("references")?;
    let table = c.name("the referenced table")?;
    let referenced = if c.is_mark("(") { c.columns()? } else { Vec::new() };
    let from = c.at;
    loop {
        if c.eat("match") {
            c.at += 1;
        } else if c.eat("on delete") || c.eat("on update") {
            let known = ["no action", "restrict", "cascade", "set null", "set default"].iter().any(|k| c.eat(k));
            if !known {
                return Err(c.missing("NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT"));
            }
            if c.is_mark("(") {
                c.skip_balanced();
            }
        } else {
            break;
        }
    }
    let actions = c.since(from).to_owned();
    Ok(ConstraintBody::ForeignKey { columns, table, referenced, actions })
}

/// One of `DEFERRABLE`, `NOT DEFERRABLE`, `INITIALLY …`, `[NOT] ENFORCED`, as written.
fn trailer<'t>(c: &mut Cursor<'t>) -> Option<&'t str> {
    let from = c.at;
    let found =
        ["deferrable", "not deferrable", "initially deferred", "initially immediate", "not enforced", "enforced"]
            .iter()
            .any(|k| c.eat(k));
    found.then(|| c.since(from))
}

/// `[CONSTRAINT name] …` of a table, to its end.
pub(super) fn table_constraint(c: &mut Cursor<'_>) -> Read<TableConstraint> {
    let name = if c.eat("constraint") { Some(c.ident("the constraint's name")?) } else { None };
    let mut parameters = String::new();
    let body = if c.eat("check") {
        ConstraintBody::Check { expression: parens_expression(c)? }
    } else if c.eat("not null") {
        ConstraintBody::NotNull { column: c.ident("a column")? }
    } else if c.is("unique") || c.is("primary key") {
        let body = key(c)?;
        parameters = index_parameters(c)?;
        body
    } else if c.eat("foreign key") {
        // The key can be named here in MySQL.
        if !c.is_mark("(") {
            return Err(c.missing("`(` and the columns"));
        }
        let columns = c.columns()?;
        references(c, columns)?
    } else if c.eat("exclude") {
        let from = c.at;
        c.skip_to(&["deferrable", "not deferrable", "initially"]);
        ConstraintBody::Exclude { definition: c.since(from).to_owned() }
    } else {
        return Err(c.missing("CHECK, UNIQUE, PRIMARY KEY, FOREIGN KEY, EXCLUDE or NOT NULL"));
    };
    let mut constraint = TableConstraint { name, body, not_valid: false, trailer: parameters };
    while !c.ended() {
        let from = c.at;
        if c.eat("not valid") {
            constraint.not_valid = true;
            continue;
        }
        if !c.eat("no inherit") && trailer(c).is_none() {
            return Err(c.unexpected());
        }
        let blank = if constraint.trailer.is_empty() { "" } else { " " };
        constraint.trailer = format!("{}{blank}{}", constraint.trailer, c.since(from));
    }
    Ok(constraint)
}

fn key(c: &mut Cursor<'_>) -> Read<ConstraintBody> {
    let primary = if c.eat("primary key") {
        PrimaryOrUnique::PrimaryKey
    } else {
        c.expect("unique")?;
        PrimaryOrUnique::Unique
    };
    if c.eat("using index") {
        return Ok(ConstraintBody::UsingIndex { primary, index: c.ident("the index's name")? });
    }
    if c.is("key") || c.is("index") {
        return Err(c
            .problem(format!("`UNIQUE {}` is MySQL's, not PostgreSQL's", c.shown(0).to_ascii_uppercase()))
            .hint("Write `ADD CONSTRAINT name UNIQUE (columns)`."));
    }
    let nulls_not_distinct = nulls(c);
    let columns = c.columns()?;
    let include = if c.eat("include") { c.columns()? } else { Vec::new() };
    Ok(match primary {
        PrimaryOrUnique::PrimaryKey => ConstraintBody::PrimaryKey { columns, include },
        PrimaryOrUnique::Unique => ConstraintBody::Unique { columns, include, nulls_not_distinct },
    })
}
