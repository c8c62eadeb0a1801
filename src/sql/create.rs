//! CREATE TABLE, VIEW, FUNCTION, TRIGGER, SEQUENCE.

use super::column::{at_constraint, column_def, column_parts, table_constraint};
use super::cursor::{Cursor, Read};
use super::partition::PartitionBy;
use super::split::MOST_PROBLEMS;
use super::statement::{ColumnDef, ObjectName, Problem, Statement, TableConstraint};

/// `LIKE t INCLUDING ALL EXCLUDING INDEXES`.
#[derive(Debug, Clone, PartialEq)]
pub struct LikeTable {
    pub table: ObjectName,
    /// Lower case, in the order written: `including all`.
    pub options: Vec<String>,
}

/// At the object's word, behind `CREATE [OR REPLACE] [TEMP|UNLOGGED …]`; `None` if it is none of ours.
pub(super) fn create(c: &mut Cursor<'_>, or_replace: bool, problems: &mut Vec<Problem>) -> Read<Option<Statement>> {
    if c.eat("table") {
        return create_table(c, problems).map(Some);
    }
    if c.eat("materialized view") {
        return super::view::create_view(c, or_replace, true).map(Some);
    }
    if c.eat("recursive view") || c.eat("view") {
        return super::view::create_view(c, or_replace, false).map(Some);
    }
    if c.eat("sequence") {
        c.eat("if not exists");
        let name = c.name("the sequence's name")?;
        return Ok(Some(Statement::CreateSequence { name, options: super::sequence::options(c)? }));
    }
    if c.eat("function") {
        let name = c.name("the function's name")?;
        if !c.is_mark("(") {
            return Err(c.missing("`(` and the arguments"));
        }
        return Ok(Some(Statement::CreateFunction { name, or_replace }));
    }
    if c.eat("constraint trigger") || c.eat("trigger") {
        return trigger(c, or_replace).map(Some);
    }
    Ok(None)
}

fn trigger(c: &mut Cursor<'_>, or_replace: bool) -> Read<Statement> {
    let name = c.ident("the trigger's name")?;
    if !c.is_any(&["before", "after", "instead of"]) {
        return Err(c.missing("BEFORE, AFTER or INSTEAD OF"));
    }
    c.skip_to(&["on"]);
    c.expect("on")?;
    let table = c.name("the table's name")?;
    c.skip_to(&["execute", "for", "when"]);
    if c.eat("for") {
        c.eat("each");
        if !c.eat("row") {
            c.expect("statement")?;
        }
    }
    if c.eat("when") {
        super::column::parens_expression(c)?;
    }
    c.expect("execute")?;
    if !c.eat("function") && !c.eat("procedure") {
        return Err(c.missing("FUNCTION").hint("A trigger of PostgreSQL calls a function: `EXECUTE FUNCTION f()`."));
    }
    let function = c.name("the function's name")?;
    if !c.is_mark("(") {
        return Err(c.missing("`(`"));
    }
    c.skip_balanced();
    c.done()?;
    let definition = c.since(0).to_owned();
    Ok(Statement::CreateTrigger { name, table, or_replace, function, definition })
}

#[derive(Default)]
struct Elements {
    columns: Vec<ColumnDef>,
    constraints: Vec<TableConstraint>,
    like: Vec<LikeTable>,
    /// `(a, b)` of CREATE TABLE … AS: names only.
    bare: bool,
}

fn create_table(c: &mut Cursor<'_>, problems: &mut Vec<Problem>) -> Read<Statement> {
    let if_not_exists = c.eat("if not exists");
    let table = c.name("the table's name")?;
    let partition_of = if c.eat("partition of") { Some(c.name("the partitioned table")?) } else { None };
    let typed = partition_of.is_none() && c.eat("of");
    if typed {
        c.name("a type")?;
    }
    let loose = typed || partition_of.is_some();
    let mut elements = Elements::default();
    if c.eat_mark("(") {
        if c.eat_mark(")") {
            // A table may have no column.
        } else {
            c.at -= 1;
            for mut piece in c.parens()?.split_commas() {
                if problems.len() >= MOST_PROBLEMS {
                    break;
                }
                if let Err(problem) = element(&mut piece, &mut elements, loose) {
                    problems.push(problem);
                }
            }
        }
    } else if !loose && !c.is_any(&["as", "using", "with", "without", "on commit", "tablespace"]) {
        return Err(c.missing("`(` and the columns"));
    }
    let from = c.at;
    if partition_of.is_some() {
        bounds(c)?;
    }
    let bounds = c.since(from).to_owned();
    let (mut partition_by, mut inherits) = (None, Vec::new());
    if tail(c, &mut partition_by, &mut inherits)? {
        return Ok(super::known::known("create-table-as", Some(table)));
    }
    if elements.bare {
        return Err(c.missing("a type for each column"));
    }
    Ok(Statement::CreateTable {
        table,
        if_not_exists,
        columns: elements.columns,
        constraints: elements.constraints,
        partition_of,
        bounds,
        partition_by,
        inherits,
        like: elements.like,
    })
}

/// `DEFAULT` or `FOR VALUES IN (…)`, `FROM (…) TO (…)`, `WITH (MODULUS …)`.
pub(super) fn bounds(c: &mut Cursor<'_>) -> Read<()> {
    if c.eat("default") {
        return Ok(());
    }
    c.expect("for values")?;
    let mut lists = vec!["with"];
    if c.is("in") {
        lists = vec!["in"];
    } else if c.is("from") {
        lists = vec!["from", "to"];
    }
    for word in lists {
        c.expect(word)?;
        if let Some(hole) = c.parens()?.split_commas().iter().find(|piece| piece.ended()) {
            return Err(hole.missing("a value"));
        }
    }
    Ok(())
}

fn element(c: &mut Cursor<'_>, elements: &mut Elements, loose: bool) -> Read<()> {
    if c.is("like") {
        c.at += 1;
        let mut like = LikeTable { table: c.name("a table")?, options: Vec::new() };
        while c.is("including") || c.is("excluding") {
            like.options.push(format!("{} {}", c.shown(0), c.shown(1)).to_ascii_lowercase());
            c.at += 2;
        }
        elements.like.push(like);
        return c.done();
    }
    if at_constraint(c) {
        if super::alter::temporal(c) {
            if let Some(constraint) = temporal_reference(c)? {
                elements.constraints.push(constraint);
                return Ok(());
            }
            // Read as an exclusion, which it is to the server.
            let name = if c.eat("constraint") { Some(c.ident("the constraint's name")?) } else { None };
            let body = super::statement::ConstraintBody::Exclude { definition: c.rest().to_owned() };
            elements.constraints.push(TableConstraint { name, body, not_valid: false, trailer: String::new() });
            return Ok(());
        }
        elements.constraints.push(table_constraint(c)?);
        return Ok(());
    }
    if let Some(problem) = mysql_index(c) {
        return Err(problem);
    }
    if loose {
        // The type comes from the parent.
        let mut column = ColumnDef {
            name: c.ident("the column's name")?,
            data_type: String::new(),
            collation: None,
            not_null: false,
            default: None,
            identity: None,
            generated: None,
            constraints: Vec::new(),
        };
        column_parts(c, &mut column)?;
        elements.columns.push(column);
        return Ok(());
    }
    if c.tokens.len() == 1 && c.is_ident() {
        elements.bare = true;
        return Ok(());
    }
    elements.columns.push(column_def(c)?);
    Ok(())
}

/// `FOREIGN KEY (id, PERIOD during) REFERENCES t (id, PERIOD during)`.
pub(super) fn temporal_reference(c: &mut Cursor<'_>) -> Read<Option<TableConstraint>> {
    let mut walk = c.clone();
    let name = if walk.eat("constraint") { Some(walk.ident("the constraint's name")?) } else { None };
    if !walk.eat("foreign key") {
        return Ok(None);
    }
    let columns = |c: &mut Cursor<'_>| -> Read<Vec<crate::model::Ident>> {
        let pieces = c.parens()?.split_commas();
        let column = |mut piece: Cursor<'_>| {
            piece.eat("period");
            piece.ident("a column")
        };
        pieces.into_iter().map(column).collect()
    };
    let own = columns(&mut walk)?;
    walk.expect("references")?;
    let table = walk.name("the referenced table")?;
    let referenced = if walk.is_mark("(") { columns(&mut walk)? } else { Vec::new() };
    let body = super::statement::ConstraintBody::ForeignKey { columns: own, table, referenced, actions: String::new() };
    let trailer = walk.rest().to_owned();
    let not_valid = trailer.to_ascii_lowercase().contains("not valid");
    Ok(Some(TableConstraint { name, body, not_valid, trailer }))
}

/// `KEY name (a)` and its like among the columns. `key varchar(9)` is a column.
pub(super) fn mysql_index(c: &Cursor<'_>) -> Option<Problem> {
    const SIZED: &[&str] = &[
        "varchar",
        "char",
        "character",
        "numeric",
        "decimal",
        "bit",
        "varbit",
        "float",
        "time",
        "timestamp",
        "timestamptz",
    ];
    let sized = SIZED.iter().any(|t| c.shown(1).eq_ignore_ascii_case(t));
    let index = c.is_any(&["fulltext", "spatial"])
        || (c.is_any(&["index", "key"]) && !sized && (c.shown(1) == "(" || c.shown(2) == "("));
    index.then(|| {
        c.problem(format!("`{}` beside the columns is MySQL's, not PostgreSQL's", c.shown(0).to_ascii_uppercase()))
            .hint("Write `CREATE INDEX name ON table (columns)`.")
    })
}

/// Everything behind the columns; `true` if a query fills the table.
fn tail(c: &mut Cursor<'_>, partition_by: &mut Option<PartitionBy>, inherits: &mut Vec<ObjectName>) -> Read<bool> {
    while !c.ended() {
        if c.eat("as") {
            if c.ended() {
                return Err(c.missing("a query"));
            }
            return Ok(true);
        } else if c.eat("inherits") {
            *inherits = c.parens()?.names("a table")?;
        } else if c.is("with") && c.shown(1) == "(" {
            c.at += 1;
            c.parens()?;
        } else if c.eat("partition by") {
            let from = c.at;
            if !c.eat("range") && !c.eat("list") && !c.eat("hash") {
                return Err(c.missing("RANGE, LIST or HASH"));
            }
            let keys = c.parens()?.split_commas();
            let columns = keys.into_iter().filter_map(|mut key| {
                let column = key.ident("a column").ok()?;
                (!key.is_mark("(")).then_some(column)
            });
            let columns = columns.collect();
            *partition_by = Some(PartitionBy { definition: c.since(from).to_owned(), columns });
        } else if c.eat("using") || c.eat("tablespace") {
            c.ident("a name")?;
        } else if c.eat("on commit") {
            if !c.eat("drop") && !c.eat("preserve rows") && !c.eat("delete rows") {
                return Err(c.missing("DROP, PRESERVE ROWS or DELETE ROWS"));
            }
        } else if c.eat("without oids") || c.eat("with oids") {
            // Refused or without meaning since PostgreSQL 12.
        } else {
            return Err(c.unexpected());
        }
    }
    Ok(false)
}

/// `[IF EXISTS] name ON table`, the table.
pub(super) fn on_table(c: &mut Cursor<'_>, what: &str) -> Read<(crate::model::Ident, ObjectName, bool)> {
    let if_exists = c.eat("if exists");
    let name = c.ident(what)?;
    c.expect("on")?;
    Ok((name, c.name("the table's name")?, if_exists))
}
