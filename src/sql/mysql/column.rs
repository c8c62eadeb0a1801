//! A column's definition: its type and all its attributes.

use super::index;
use super::names;
use super::statement::ColumnDef;
use crate::model::Ident;
use crate::model::catalog::GeneratedKind;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::lex::Kind;
use crate::sql::words::nearest;

/// Of several words; longest first where one starts another.
const LONG_TYPES: &[&str] = &[
    "national character varying",
    "national char varying",
    "national varcharacter",
    "national varchar",
    "national character",
    "national char",
    "nchar varchar",
    "nchar varcharacter",
    "nchar varying",
    "character varying",
    "char varying",
    "char byte",
    "double precision",
    "long character varying",
    "long char varying",
    "long varchar",
    "long varbinary",
];

pub(super) const TYPES: &[&str] = &[
    "bigint",
    "binary",
    "bit",
    "blob",
    "bool",
    "boolean",
    "char",
    "character",
    "date",
    "datetime",
    "dec",
    "decimal",
    "double",
    "enum",
    "fixed",
    "float",
    "float4",
    "float8",
    "geomcollection",
    "geometry",
    "geometrycollection",
    "int",
    "int1",
    "int2",
    "int3",
    "int4",
    "int8",
    "integer",
    "json",
    "linestring",
    "long",
    "longblob",
    "longtext",
    "mediumblob",
    "mediumint",
    "mediumtext",
    "middleint",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "nchar",
    "number",
    "numeric",
    "nvarchar",
    "point",
    "polygon",
    "real",
    "serial",
    "set",
    "smallint",
    "text",
    "time",
    "timestamp",
    "tinyblob",
    "tinyint",
    "tinytext",
    "varbinary",
    "varchar",
    "varcharacter",
    "vector",
    "year",
];

/// Types that only MariaDB has, its Oracle mode's among them.
const MARIADB_TYPES: &[&str] = &["clob", "inet4", "inet6", "raw", "uuid", "varchar2", "xmltype"];

/// PostgreSQL's, and what stands for them.
const POSTGRESQL_TYPES: &[(&str, &str)] = &[
    ("bigserial", "`BIGINT UNSIGNED NOT NULL AUTO_INCREMENT`"),
    ("bytea", "`BLOB`"),
    ("citext", "`VARCHAR` with a collation that ends in `_ci`"),
    ("inet", "`VARBINARY(16)`"),
    ("jsonb", "`JSON`"),
    ("money", "`DECIMAL`"),
    ("smallserial", "`SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT`"),
    ("timestamptz", "`TIMESTAMP`, which is kept in UTC"),
    ("timetz", "`TIME`"),
    ("uuid", "`BINARY(16)`"),
];

/// The type's words with UNSIGNED and ZEROFILL.
fn data_type<'t>(c: &mut Cursor<'t>) -> Read<&'t str> {
    let from = c.at;
    let Some(token) = c.peek() else { return Err(c.missing("a type")) };
    let long = LONG_TYPES.iter().any(|words| c.eat(words));
    if !long {
        let word = token.of(c.text).to_ascii_lowercase();
        let mariadb = c.grammar.engine == "MariaDB" && MARIADB_TYPES.contains(&word.as_str());
        if token.kind != Kind::Word || !(TYPES.contains(&word.as_str()) || mariadb) {
            return Err(no_type(c, &word));
        }
        c.at += 1;
    }
    if c.is_mark("(") {
        c.parens()?;
    }
    if c.is_mark("[") {
        return Err(c
            .problem(format!("{} has no arrays", c.grammar.engine))
            .hint("Use `JSON`, or a table of its own."));
    }
    while c.is_any(&["unsigned", "signed", "zerofill"]) {
        c.at += 1;
    }
    if c.is("with time zone") || c.is("without time zone") {
        return Err(c.problem("`TIME ZONE` is PostgreSQL's").hint("Write `TIMESTAMP` (kept in UTC) or `DATETIME`."));
    }
    Ok(c.since(from))
}

fn no_type(c: &Cursor<'_>, word: &str) -> crate::sql::Problem {
    let token = c.peek();
    if token.is_none_or(|t| t.kind != Kind::Word) || words_that_follow(c) {
        return c.missing("a type");
    }
    let engine = c.grammar.engine;
    let problem = c.problem(format!("`{}` is no type of {engine}", crate::sql::brief(word)));
    if let Some((_, instead)) = POSTGRESQL_TYPES.iter().find(|(name, _)| *name == word) {
        return problem.hint(format!("Write {instead}."));
    }
    match nearest(TYPES, word) {
        Some(near) => problem.hint(format!("Did you mean `{}`?", near.to_ascii_uppercase())),
        None => problem.hint("Write a type behind the column's name: INT, VARCHAR(255), DATETIME …"),
    }
}

/// An attribute where the type should be.
fn words_that_follow(c: &Cursor<'_>) -> bool {
    c.is_any(&["not", "null", "default", "comment", "first", "after", "auto_increment", "unique", "primary"])
}

/// Behind the column's name, to the first thing that is no part of it.
pub(super) fn definition(c: &mut Cursor<'_>, name: Ident) -> Read<ColumnDef> {
    let from = c.at;
    let data_type = data_type(c)?.to_owned();
    let mut column = ColumnDef {
        name,
        data_type,
        charset: None,
        collation: None,
        not_null: None,
        default: None,
        on_update: None,
        auto_increment: false,
        invisible: false,
        generated: None,
        unique: false,
        primary: false,
        check: None,
        references: None,
        comment: None,
        extra: Vec::new(),
        text: String::new(),
    };
    if column.data_type.eq_ignore_ascii_case("serial") {
        (column.not_null, column.auto_increment, column.unique) = (Some(true), true, true);
    }
    while attribute(c, &mut column)? {}
    c.since(from).clone_into(&mut column.text);
    Ok(column)
}

fn charset(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<bool> {
    if c.eat("character set") || c.eat("char set") || c.eat("charset") {
        c.eat_mark("=");
        column.charset = Some(word(c, "a character set")?);
    } else if c.eat("collate") {
        c.eat_mark("=");
        column.collation = Some(word(c, "a collation")?);
    } else if c.eat("ascii") {
        column.charset = Some("latin1".into());
    } else if c.eat("unicode") {
        column.charset = Some("ucs2".into());
    } else if c.eat("byte") {
        column.charset = Some("binary".into());
    } else if c.eat("binary") {
        column.extra.push("BINARY".into());
    } else {
        return Ok(false);
    }
    Ok(true)
}

/// A word or a text, in lower case without quotes.
pub(super) fn word(c: &mut Cursor<'_>, what: &str) -> Read<String> {
    let Some(token) = c.peek().filter(|t| matches!(t.kind, Kind::Word | Kind::Quoted | Kind::Text)) else {
        return Err(c.missing(what));
    };
    c.at += 1;
    let raw = token.of(c.text);
    Ok(names::literal(raw).unwrap_or_else(|| names::unquoted(raw).0).to_ascii_lowercase())
}

/// A string constant's value.
pub(super) fn text(c: &mut Cursor<'_>, what: &str) -> Read<String> {
    let value = c.peek().filter(|t| t.kind == Kind::Text).and_then(|t| names::literal(t.of(c.text)));
    let Some(mut value) = value else { return Err(c.missing(what)) };
    c.at += 1;
    // Texts side by side are one.
    while let Some(more) = c.peek().filter(|t| t.kind == Kind::Text).and_then(|t| names::literal(t.of(c.text))) {
        value.push_str(&more);
        c.at += 1;
    }
    Ok(value)
}

/// One attribute; false where none starts.
fn attribute(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<bool> {
    if charset(c, column)? {
        return Ok(true);
    }
    if c.eat("not null") {
        column.not_null = Some(true);
    } else if c.eat("null") {
        column.not_null = Some(false);
    } else if c.eat("default") {
        column.default = Some(value(c)?);
    } else if c.eat("on update") {
        column.on_update = Some(value(c)?);
    } else if c.eat("auto_increment") {
        column.auto_increment = true;
    } else if c.eat("serial default value") {
        (column.not_null, column.auto_increment, column.unique) = (Some(true), true, true);
    } else if c.eat("unique") {
        c.eat("key");
        column.unique = true;
    } else if c.eat("primary key") || c.eat("primary") || c.eat("key") {
        column.primary = true;
    } else if c.eat("comment") {
        c.eat_mark("=");
        column.comment = Some(text(c, "a text")?);
    } else if c.eat("invisible") {
        column.invisible = true;
    } else if c.eat("visible") {
        column.invisible = false;
    } else if c.is("generated always as row") || c.is("as row") {
        let from = c.at;
        c.skip_to(&["row"]);
        c.at += 2;
        column.extra.push(c.since(from).to_owned());
    } else if c.is("generated always as identity") || c.is("generated by default as identity") {
        return Err(c.problem("identity columns are PostgreSQL's").hint("Write `AUTO_INCREMENT`."));
    } else if c.eat("generated always as") || c.eat("as") {
        generated(c, column)?;
    } else if c.is("references") {
        column.references = Some(index::references(c, None, None, vec![column.name.clone()])?);
    } else if c.is("constraint") || c.is("check") {
        let name = if c.eat("constraint") && !c.is("check") { Some(c.ident("the constraint's name")?) } else { None };
        if !c.is("check") {
            return Err(c.missing("`CHECK`"));
        }
        column.check = Some(index::check(c, name)?);
    } else {
        return rare(c, column);
    }
    Ok(true)
}

fn generated(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<()> {
    let from = c.at;
    c.parens()?;
    let whole = c.since(from);
    let inner = whole.strip_prefix('(').and_then(|w| w.strip_suffix(')')).unwrap_or(whole).trim().to_owned();
    let kind = if c.eat("stored") || c.eat("persistent") {
        GeneratedKind::Stored
    } else {
        c.eat("virtual");
        GeneratedKind::Virtual
    };
    column.generated = Some((inner, kind));
    Ok(())
}

/// Kept word by word.
fn rare(c: &mut Cursor<'_>, column: &mut ColumnDef) -> Read<bool> {
    let from = c.at;
    if c.eat("column_format") || c.eat("storage") || c.eat("srid") {
        if c.ended() {
            return Err(c.missing("a value"));
        }
        c.at += 1;
    } else if c.eat("engine_attribute") || c.eat("secondary_engine_attribute") || c.eat("ref_system_id") {
        c.eat_mark("=");
        if c.ended() {
            return Err(c.missing("a value"));
        }
        c.at += 1;
    } else if c.eat("compressed") {
        if c.eat_mark("=") {
            c.at += 1;
        }
    } else if !(c.eat("without system versioning") || c.eat("with system versioning") || c.eat("not secondary")) {
        // An option of MariaDB's storage engines: `x = 'y'`.
        let option = c.is_ident() && c.shown(1) == "=" && c.grammar.engine == "MariaDB";
        if !option || c.is("first") || c.is("after") {
            return Ok(false);
        }
        c.at += 3;
    }
    column.extra.push(c.since(from).to_owned());
    Ok(true)
}

/// What stands behind DEFAULT or ON UPDATE: a constant, a call, `(…)`.
pub(super) fn value(c: &mut Cursor<'_>) -> Read<String> {
    let from = c.at;
    while c.is_mark("-") || c.is_mark("+") {
        c.at += 1;
    }
    primary(c)?;
    if c.is_mark("::") {
        return Err(c.problem("`::` casts in PostgreSQL").hint("Leave the cast out, or write `CAST(… AS type)`."));
    }
    Ok(c.since(from).to_owned())
}

fn primary(c: &mut Cursor<'_>) -> Read<()> {
    let Some(token) = c.peek() else { return Err(c.missing("a value")) };
    match token.kind {
        Kind::Text => {
            while c.peek().is_some_and(|t| t.kind == Kind::Text) {
                c.at += 1;
            }
        }
        Kind::Number | Kind::Param => c.at += 1,
        Kind::Word | Kind::Quoted => {
            let raw = token.of(c.text);
            if c.eat("next value for") {
                c.name("a sequence")?;
                return Ok(());
            }
            if c.is("case") {
                c.skip_to(&["end"]);
                return c.expect("end");
            }
            let introducer = raw.starts_with('_') && c.tokens.get(c.at + 1).is_some_and(|t| t.kind == Kind::Text);
            // `DATE '2020-01-01'`.
            let typed = c.is_any(&["date", "time", "timestamp"])
                && c.tokens.get(c.at + 1).is_some_and(|t| t.kind == Kind::Text);
            c.at += 1;
            if introducer || typed {
                c.at += 1;
            }
            while c.eat_mark(".") {
                c.at += 1;
            }
            if c.is_mark("(") {
                c.skip_balanced();
            }
        }
        _ if c.is_mark("(") => {
            c.parens()?;
        }
        _ => return Err(c.missing("a value")),
    }
    Ok(())
}
