//! Columns and indexes as text: from the tree of a statement, and from the catalog for the way back.

use crate::engine::emit::mysql::{id, ids, literal};
use crate::model::catalog::GeneratedKind;
use crate::model::mysql::MysqlColumn;
use crate::model::{Column, ConstraintKind, Ident, Index, Table};
use crate::sql::mysql::statement::{ColumnDef, IndexDef, IndexKind, Position};

/// `FIRST`, `AFTER c`, with a blank before it.
pub fn position(position: Option<&Position>) -> String {
    match position {
        None => String::new(),
        Some(Position::First) => " FIRST".to_owned(),
        Some(Position::After(column)) => format!(" AFTER {}", id(column)),
    }
}

/// Where the column stands today.
pub fn place(table: &Table, column: &Ident) -> String {
    let at = table.columns.iter().position(|c| c.name == *column);
    match at {
        None => String::new(),
        Some(0) => " FIRST".to_owned(),
        Some(at) => table.columns.get(at - 1).map_or_else(String::new, |c| format!(" AFTER {}", id(&c.name))),
    }
}

/// A new column's definition without its key, CHECK and REFERENCES, which are put on by steps of their own.
pub fn definition(column: &ColumnDef, not_null: Option<bool>, default: Option<&str>) -> String {
    let mut text = column.data_type.clone();
    if let Some(charset) = &column.charset {
        text.push_str(&format!(" CHARACTER SET {charset}"));
    }
    if let Some(collation) = &column.collation {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some((expression, kept)) = &column.generated {
        text.push_str(&format!(" GENERATED ALWAYS AS ({expression}) {}", kept_word(*kept)));
    }
    if let Some(not_null) = not_null {
        text.push_str(if not_null { " NOT NULL" } else { " NULL" });
    }
    if let Some(default) = default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    if let Some(on_update) = &column.on_update {
        text.push_str(&format!(" ON UPDATE {on_update}"));
    }
    if column.auto_increment {
        text.push_str(" AUTO_INCREMENT");
    }
    if column.invisible {
        text.push_str(" INVISIBLE");
    }
    for word in &column.extra {
        text.push_str(&format!(" {word}"));
    }
    if let Some(comment) = &column.comment {
        text.push_str(&format!(" COMMENT {}", literal(comment)));
    }
    text
}

fn kept_word(kept: GeneratedKind) -> &'static str {
    match kept {
        GeneratedKind::Stored => "STORED",
        GeneratedKind::Virtual => "VIRTUAL",
    }
}

/// Character set and collation where they are not the table's: what follows from the table is left to it, since written out it would
/// stay when the table's changes.
pub fn own_letters<'c>(table: &Table, column: &'c Column) -> Option<&'c MysqlColumn> {
    let of_table = table.mysql.as_deref().map(|m| m.collation.as_str());
    column.mysql.as_deref().filter(|m| m.collation.as_deref() != of_table)
}

/// The column as it is, for MODIFY.
pub fn existing(table: &Table, column: &Column) -> String {
    spelled(column, own_letters(table, column))
}

/// The column as it is, with this character set and collation.
pub fn spelled(column: &Column, own: Option<&MysqlColumn>) -> String {
    let words = column.mysql.as_deref();
    let mut text = column.data_type.clone();
    if let Some(charset) = own.and_then(|m| m.charset.as_ref()) {
        text.push_str(&format!(" CHARACTER SET {charset}"));
    }
    if let Some(collation) = own.and_then(|m| m.collation.as_ref()) {
        text.push_str(&format!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        text.push_str(&format!(" GENERATED ALWAYS AS ({}) {}", generated.sql, kept_word(generated.kept)));
    }
    text.push_str(if column.not_null { " NOT NULL" } else { " NULL" });
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {}", default.sql));
    }
    if let Some(on_update) = words.and_then(|m| m.on_update.as_ref()) {
        text.push_str(&format!(" ON UPDATE {on_update}"));
    }
    if words.is_some_and(|m| m.auto_increment) {
        text.push_str(" AUTO_INCREMENT");
    }
    if words.is_some_and(|m| m.invisible) {
        text.push_str(" INVISIBLE");
    }
    for word in words.iter().flat_map(|m| &m.extra) {
        text.push_str(&format!(" {word}"));
    }
    if let Some(comment) = &column.comment {
        text.push_str(&format!(" COMMENT {}", literal(comment)));
    }
    text
}

/// What ADD takes: `UNIQUE KEY u (a, b)`.
pub fn index(index: &IndexDef, name: &Ident) -> String {
    let word = match index.kind {
        IndexKind::Plain | IndexKind::Primary => "INDEX",
        IndexKind::Unique => "UNIQUE INDEX",
        IndexKind::Fulltext => "FULLTEXT INDEX",
        IndexKind::Spatial => "SPATIAL INDEX",
        IndexKind::Vector => "VECTOR INDEX",
    };
    let options = if index.options.is_empty() { String::new() } else { format!(" {}", index.options) };
    let invisible = if index.invisible && !options.to_uppercase().contains("INVISIBLE") { " INVISIBLE" } else { "" };
    format!("{word} {} ({}){options}{invisible}", id(name), parts(index))
}

pub fn parts(index: &IndexDef) -> String {
    let each: Vec<String> = index
        .parts
        .iter()
        .map(|p| {
            let mut text = match (&p.column, &p.expression) {
                (Some(column), _) => id(column),
                (None, Some(expression)) => expression.clone(),
                (None, None) => String::new(),
            };
            if let Some(prefix) = p.prefix {
                text.push_str(&format!("({prefix})"));
            }
            if p.descending {
                text.push_str(" DESC");
            }
            text
        })
        .collect();
    each.join(", ")
}

/// An index of the catalog as ADD takes it.
pub fn index_again(index: &Index) -> String {
    index.definition.clone()
}

/// A foreign key or a CHECK of the catalog as ADD takes it.
pub fn constraint_again(table: &Table, name: &Ident) -> Option<String> {
    let found = table.constraint(name)?;
    let definition = found.definition.trim();
    let named = definition.to_uppercase().starts_with("CONSTRAINT");
    match found.kind {
        ConstraintKind::PrimaryKey => Some(format!("PRIMARY KEY ({})", ids(&found.columns))),
        _ if named => Some(definition.to_owned()),
        _ => Some(format!("CONSTRAINT {} {definition}", id(name))),
    }
}

/// The value that the server itself gives to a NOT NULL column without a default, as a literal; none where there is none.
pub fn implicit(data_type: &str) -> Option<String> {
    let lower = data_type.trim().to_lowercase();
    let word: String = lower.chars().take_while(char::is_ascii_alphabetic).collect();
    Some(match word.as_str() {
        "int" | "integer" | "tinyint" | "smallint" | "mediumint" | "bigint" | "decimal" | "dec" | "numeric"
        | "fixed" | "float" | "double" | "real" | "bool" | "boolean" | "bit" | "year" => "0".to_owned(),
        "char" | "varchar" | "nchar" | "nvarchar" | "character" | "binary" | "varbinary" | "set" => "''".to_owned(),
        "time" => "'00:00:00'".to_owned(),
        "enum" => {
            let inside = data_type.trim().get(4..)?.trim().strip_prefix('(')?.trim_start();
            let rest = inside.strip_prefix('\'')?;
            let end = rest.find('\'')?;
            format!("'{}'", rest.get(..end)?)
        }
        _ => return None,
    })
}
