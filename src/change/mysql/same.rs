//! Whether a column holds what an expression says, to the last byte: `=` follows the collation, which takes `ann` for `Ann`, and a
//! value is rounded on its way into a column.

use super::types::shape;
use crate::change::Refusal;
use crate::engine::emit::mysql::id;
use crate::model::{Column, Ident, Table};

/// Compared byte by byte.
pub fn is_text(data_type: &str) -> bool {
    let shape = shape(data_type);
    let word = shape.word.as_str();
    matches!(word, "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set")
}

/// A comparison that is true, or false, and never NULL.
///
/// # Errors
/// Nobody can tell: the value changes on its way in.
pub fn holds(table: &Table, column: &Ident, expression: &str) -> Result<String, Refusal> {
    match table.column(column) {
        Some(found) => agrees(table, found, &id(column), expression),
        None => Ok(format!("{} <=> ({expression})", id(column))),
    }
}

/// The same of `c`, which is the column by whatever name stands here: `NEW.name`.
///
/// # Errors
/// See [`holds`].
pub fn agrees(table: &Table, column: &Column, c: &str, expression: &str) -> Result<String, Refusal> {
    let shape = shape(&column.data_type);
    // A name or a constant is not rounded.
    let simple = expression.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '`' | '-' | '\'' | ' '));
    Ok(match shape.word.as_str() {
        "float" | "double" if !simple => {
            return Err(Refusal::new(
                format!(
                    "`{}` of `{}` is a {}: a value is rounded on its way in, and nobody can tell which rows are done",
                    column.name, table.name, shape.word
                ),
                "Write the result into a new DECIMAL column; or run the UPDATE by hand, a range of keys at a time.",
            ));
        }
        "json" => format!("{c} <=> CAST(({expression}) AS JSON)"),
        "decimal" if !simple => {
            let (digits, scale) = (shape.numbers.first().unwrap_or(&10), shape.numbers.get(1).unwrap_or(&0));
            format!("{c} <=> CAST(({expression}) AS DECIMAL({digits},{scale}))")
        }
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" if !simple => {
            format!("{c} <=> ROUND({expression})")
        }
        _ if is_text(&column.data_type) => {
            let charset = column.mysql.as_deref().and_then(|m| m.charset.clone());
            let charset = charset.filter(|c| c != "binary").unwrap_or_else(|| "utf8mb4".to_owned());
            let value = format!("CONVERT(({expression}) USING {charset})");
            // What ends in blanks loses them in a CHAR.
            let value = if shape.word == "char" { format!("TRIM(TRAILING ' ' FROM {value})") } else { value };
            format!("CAST({c} AS BINARY) <=> CAST({value} AS BINARY)")
        }
        _ => format!("{c} <=> ({expression})"),
    })
}
