//! Types as `information_schema` tells them, and the values of one that another cannot hold.

use crate::engine::emit::mysql::probe::Ask;
use crate::engine::emit::mysql::{id, literal};
use crate::model::{Column, Ident, TableName};

/// A type's word and numbers: `varchar(32)` → (`varchar`, [32], unsigned).
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    pub word: String,
    pub numbers: Vec<u64>,
    pub unsigned: bool,
}

pub fn shape(data_type: &str) -> Shape {
    let lower = data_type.trim().to_lowercase();
    let end = lower.find('(').unwrap_or(lower.len());
    let (head, rest) = lower.split_at(end);
    let inside = rest.strip_prefix('(').and_then(|r| r.split_once(')')).map_or("", |(i, _)| i);
    let mut words = head.split_whitespace();
    let first = words.next().unwrap_or("");
    let second = words.next().unwrap_or("");
    let word = match (first, second) {
        ("integer", _) => "int",
        ("bool" | "boolean", _) => "tinyint",
        ("dec" | "numeric" | "fixed", _) => "decimal",
        ("real", _) | ("double", "precision") => "double",
        ("character" | "char", "varying") => "varchar",
        ("character" | "nchar", _) => "char",
        ("nvarchar", _) => "varchar",
        ("long", _) => "mediumtext",
        (word, _) => word,
    };
    Shape {
        word: word.to_owned(),
        numbers: inside.split(',').filter_map(|n| n.trim().parse().ok()).collect(),
        unsigned: lower.contains("unsigned") || lower.contains("zerofill") || word == "serial",
    }
}

fn is_integer(word: &str) -> bool {
    matches!(word, "tinyint" | "smallint" | "mediumint" | "int" | "bigint")
}

/// The column has the type, however the server prints its width.
pub fn type_is(ask: &Ask, table: &TableName, column: &Ident, data_type: &str) -> String {
    let shape = shape(data_type);
    let word = shape.word.as_str();
    let mut condition = match word {
        // MariaDB keeps JSON as a text.
        "json" => " AND DATA_TYPE IN ('json', 'longtext')".to_owned(),
        _ => format!(" AND DATA_TYPE = {}", literal(word)),
    };
    match (word, shape.numbers.as_slice()) {
        ("char" | "varchar" | "binary" | "varbinary", [length]) => {
            condition.push_str(&format!(" AND CHARACTER_MAXIMUM_LENGTH = {length}"));
        }
        ("char" | "binary", []) => condition.push_str(" AND CHARACTER_MAXIMUM_LENGTH = 1"),
        ("decimal", numbers) => {
            let (precision, scale) = (numbers.first().unwrap_or(&10), numbers.get(1).unwrap_or(&0));
            condition.push_str(&format!(" AND NUMERIC_PRECISION = {precision} AND NUMERIC_SCALE = {scale}"));
        }
        ("datetime" | "timestamp" | "time", numbers) => {
            condition.push_str(&format!(" AND DATETIME_PRECISION = {}", numbers.first().unwrap_or(&0)));
        }
        ("bit", numbers) => {
            condition.push_str(&format!(" AND NUMERIC_PRECISION = {}", numbers.first().unwrap_or(&1)));
        }
        ("enum" | "set", _) => {
            condition.push_str(&format!(" AND REPLACE(COLUMN_TYPE, ' ', '') = {}", literal(&listed(data_type))));
        }
        _ => {}
    }
    if is_integer(word) || matches!(word, "decimal" | "float" | "double") {
        let not = if shape.unsigned { "" } else { "NOT " };
        condition.push_str(&format!(" AND COLUMN_TYPE {not}LIKE '%unsigned%'"));
    }
    ask.column(table, column, &condition)
}

/// `ENUM('a', 'b')` → `enum('a','b')`, blanks out.
fn listed(data_type: &str) -> String {
    let at = data_type.find('(').unwrap_or(data_type.len());
    let (head, rest) = data_type.split_at(at);
    let rest: String = rest.chars().filter(|c| *c != ' ').collect();
    format!("{}{rest}", head.trim().to_lowercase())
}

fn integer_range(word: &str, unsigned: bool) -> Option<(i128, i128)> {
    let bits = match word {
        "tinyint" => 8,
        "smallint" => 16,
        "mediumint" => 24,
        "int" => 32,
        "bigint" => 64,
        _ => return None,
    };
    Some(if unsigned { (0, (1i128 << bits) - 1) } else { (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1) })
}

/// A condition that is true for values the new type cannot hold; none where every value fits, or where nobody can tell.
pub fn misfit(old: &Column, new: &str) -> Option<String> {
    let (from, to) = (shape(&old.data_type), shape(new));
    let c = id(&old.name);
    let texts = ["char", "varchar", "tinytext", "text", "mediumtext", "longtext"];
    let length = |s: &Shape| match s.word.as_str() {
        "char" | "varchar" => Some(s.numbers.first().copied().unwrap_or(1)),
        "tinytext" => Some(255),
        "text" => Some(65_535),
        "mediumtext" => Some(16_777_215),
        "longtext" => Some(u64::from(u32::MAX)),
        _ => None,
    };
    if texts.contains(&from.word.as_str()) && texts.contains(&to.word.as_str()) {
        let (a, b) = (length(&from)?, length(&to)?);
        let unit = if matches!(to.word.as_str(), "char" | "varchar") { "CHAR_LENGTH" } else { "LENGTH" };
        return (b < a).then(|| format!("{unit}({c}) > {b}"));
    }
    if let (Some(a), Some(b)) = (integer_range(&from.word, from.unsigned), integer_range(&to.word, to.unsigned)) {
        let mut outside = Vec::new();
        if a.0 < b.0 {
            outside.push(format!("{c} < {}", b.0));
        }
        if a.1 > b.1 {
            outside.push(format!("{c} > {}", b.1));
        }
        return (!outside.is_empty()).then(|| outside.join(" OR "));
    }
    if let (true, Some((low, high))) = (texts.contains(&from.word.as_str()), integer_range(&to.word, to.unsigned)) {
        let sign = if low < 0 { "-?" } else { "" };
        return Some(format!(
            "{c} IS NOT NULL AND ({c} NOT REGEXP '^{sign}[0-9]+$' OR CAST({c} AS DECIMAL(65)) NOT BETWEEN {low} AND {high})"
        ));
    }
    if texts.contains(&from.word.as_str()) && to.word == "json" {
        return Some(format!("{c} IS NOT NULL AND NOT JSON_VALID({c})"));
    }
    if from.word == "enum" && to.word == "enum" {
        let gone: Vec<String> = labels(&old.data_type).into_iter().filter(|l| !labels(new).contains(l)).collect();
        return (!gone.is_empty())
            .then(|| format!("{c} IN ({})", gone.iter().map(|l| literal(l)).collect::<Vec<_>>().join(", ")));
    }
    if from.word == "decimal" && to.word == "decimal" {
        let whole = |s: &Shape| {
            s.numbers.first().unwrap_or(&10) - s.numbers.get(1).unwrap_or(&0).min(s.numbers.first().unwrap_or(&10))
        };
        let (a, b) = (whole(&from), whole(&to));
        return (b < a).then(|| format!("ABS({c}) >= POW(10, {b})"));
    }
    None
}

/// The values of an ENUM.
pub fn labels(data_type: &str) -> Vec<String> {
    let mut labels = Vec::new();
    let mut rest = data_type;
    while let Some(start) = rest.find('\'') {
        let mut label = String::new();
        let mut chars = rest.get(start + 1..).unwrap_or("").char_indices().peekable();
        let mut end = None;
        while let Some((at, c)) = chars.next() {
            match (c, chars.peek()) {
                ('\'', Some((_, '\''))) => {
                    label.push('\'');
                    chars.next();
                }
                ('\'', _) => {
                    end = Some(start + 1 + at + 1);
                    break;
                }
                _ => label.push(c),
            }
        }
        labels.push(label);
        rest = end.and_then(|e| rest.get(e..)).unwrap_or("");
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read_with_their_quotes() {
        assert_eq!(labels("enum('a','b''c', 'd')"), ["a", "b'c", "d"]);
    }

    #[test]
    fn a_shorter_text_may_not_fit() {
        let old = Column::new("c", "varchar(20)");
        assert_eq!(misfit(&old, "varchar(10)").as_deref(), Some("CHAR_LENGTH(`c`) > 10"));
        assert_eq!(misfit(&old, "TEXT"), None);
        assert_eq!(misfit(&Column::new("c", "int(11)"), "int unsigned").as_deref(), Some("`c` < 0"));
    }
}
