//! What a query over MySQL's protocol brings: text, by the name of the column.

use mysql_async::Value;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Option<String>>>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Option<String>],
}

impl Rows {
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { columns: &self.columns, cells })
    }
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }
}

impl<'a> Row<'a> {
    /// None for NULL, and for a column that this server does not have.
    pub fn opt(&self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|c| c.eq_ignore_ascii_case(column))?;
        self.cells.get(at)?.as_deref()
    }
    pub fn text(&self, column: &str) -> &'a str {
        self.opt(column).unwrap_or_default()
    }
    /// The same, of its own.
    pub fn owned(&self, column: &str) -> String {
        self.text(column).to_owned()
    }
    pub fn number(&self, column: &str) -> Option<u64> {
        self.opt(column)?.parse().ok()
    }
    pub fn is_yes(&self, column: &str) -> bool {
        matches!(self.opt(column), Some("YES" | "Yes" | "ON" | "1"))
    }
}

/// The text protocol sends text for everything; what is not UTF-8 is shown as well as it can be.
pub fn text(value: Value) -> Option<String> {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => {
            Some(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
        }
        other => Some(other.as_sql(true)),
    }
}
