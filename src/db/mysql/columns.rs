//! Columns: types, defaults as they would be written, generated ones, and what EXTRA says.

use super::query;
use super::rows::Row;
use super::text::{in_parentheses, string, unescaped};
use super::{Error, Reader};
use crate::model::catalog::{Column, DefaultValue, Generated, GeneratedKind, Volatility};
use crate::model::mysql::MysqlColumn;
use crate::model::objects::ViewColumn;
use crate::model::{Catalog, Engine, Ident, TableName};

/// Columns of [`query::Scope::here`].
pub async fn read(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = reader.must_read(query::COLUMNS).await?;
    let mut ordered: Vec<Row<'_>> = rows.iter().collect();
    ordered.sort_by_key(|row| row.number("place"));
    let engine = reader.line.engine;
    for row in ordered {
        let name = TableName::new(row.text("db"), row.text("tbl"));
        if let Some(table) = catalog.table_mut(&name) {
            let collation = table.mysql.as_ref().map(|m| m.collation.clone()).unwrap_or_default();
            table.columns.push(column(&row, engine, &collation));
        } else if let Some(view) = catalog.views.iter_mut().find(|v| v.name == name) {
            view.columns.push(ViewColumn::new(Ident(row.owned("name")), row.text("type")));
        }
    }
    for table in &mut catalog.tables {
        let counts = table.columns.iter().any(|c| c.mysql.as_ref().is_some_and(|m| m.auto_increment));
        // MyISAM lists a next number for every table.
        if let Some(mysql) = table.mysql.as_mut().filter(|_| !counts) {
            mysql.auto_increment = None;
        }
    }
    Ok(())
}

fn column(row: &Row<'_>, engine: Engine, of_table: &str) -> Column {
    let mut column = Column::new(row.text("name"), row.text("type"));
    let extra = Extra::read(row.text("extra"));
    column.not_null = row.text("nullable") == "NO";
    column.comment = row.opt("comment").filter(|c| !c.is_empty()).map(str::to_owned);
    let collation = row.opt("collation").map(str::to_owned);
    column.collation = collation.clone().filter(|c| c != of_table);
    let expression = row.opt("expression").filter(|e| !e.is_empty());
    column.generated =
        extra.generated.zip(expression).map(|(kept, sql)| Generated { sql: as_stored(sql, engine), kept });
    if column.generated.is_none() {
        column.default = match engine {
            Engine::Mariadb => row.opt("dflt").filter(|d| *d != "NULL").map(|sql| known(sql.to_owned())),
            _ => row.opt("dflt").map(|d| known(mysql_default(d, row.text("type"), extra.is_expression))),
        };
    }
    let mut more = extra.rest;
    if let Some(srs) = row.opt("srs") {
        more.push(format!("SRID {srs}"));
    }
    column.mysql = Some(Box::new(MysqlColumn {
        charset: row.opt("charset").map(str::to_owned),
        collation,
        auto_increment: extra.auto_increment,
        on_update: extra.on_update,
        invisible: extra.invisible,
        check: None,
        extra: more,
    }));
    column
}

/// MySQL escapes the texts of expressions in its lists, MariaDB does not.
pub fn as_stored(sql: &str, engine: Engine) -> String {
    match engine {
        Engine::Mariadb => sql.to_owned(),
        _ => unescaped(sql),
    }
}

/// MySQL lists the bare value: how it is written depends on the type.
fn mysql_default(value: &str, data_type: &str, is_expression: bool) -> String {
    let upper = value.to_uppercase();
    if upper.starts_with("CURRENT_TIMESTAMP") {
        return value.to_owned();
    }
    if is_expression {
        return in_parentheses(&unescaped(value));
    }
    let data_type = data_type.to_lowercase();
    let base = data_type.split(['(', ' ']).next().unwrap_or_default();
    match base {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "float" | "double" | "year" => {
            value.to_owned()
        }
        "bit" => value.to_owned(),
        "binary" | "varbinary" if upper.starts_with("0X") => value.to_owned(),
        _ => string(value),
    }
}

/// Functions that give something else at each call. What is on neither list is not known.
const VOLATILE: [&str; 7] = ["uuid", "rand", "sysdate", "sleep", "nextval", "random_bytes", "uuid_short"];
const STABLE: [&str; 12] = [
    "current_timestamp",
    "now",
    "curdate",
    "curtime",
    "current_date",
    "current_time",
    "utc_timestamp",
    "unix_timestamp",
    "localtime",
    "localtimestamp",
    "current_user",
    "user",
];

fn known(sql: String) -> DefaultValue {
    let lower = sql.to_lowercase();
    let is_literal = lower.starts_with('\'') && lower.ends_with('\'') && lower.matches('\'').count() == 2;
    let calls = calls(&lower);
    let volatility = if is_literal || calls.is_empty() {
        Volatility::Immutable
    } else if calls.iter().any(|c| VOLATILE.contains(&c.as_str())) {
        Volatility::Volatile
    } else if calls.iter().all(|c| STABLE.contains(&c.as_str())) {
        Volatility::Stable
    } else {
        Volatility::Unknown
    };
    DefaultValue { sql, volatility }
}

/// Words before a parenthesis, and the words that are calls without one; what stands in quotes is neither.
fn calls(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    for c in text.chars().chain([' ']) {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"' | '`') => {
                quote = Some(c);
                word.clear();
            }
            None if c.is_alphanumeric() || c == '_' => word.push(c),
            None => {
                let word = std::mem::take(&mut word);
                let begins = word.chars().next().is_some_and(char::is_alphabetic);
                if begins && (c == '(' || STABLE.contains(&word.as_str())) {
                    found.push(word);
                }
            }
        }
    }
    found
}

#[derive(Debug, Default, PartialEq)]
struct Extra {
    auto_increment: bool,
    invisible: bool,
    on_update: Option<String>,
    is_expression: bool,
    generated: Option<GeneratedKind>,
    rest: Vec<String>,
}

impl Extra {
    /// `DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6) INVISIBLE`, `STORED GENERATED`, `auto_increment`, with or without commas.
    fn read(text: &str) -> Self {
        let mut extra = Self::default();
        let mut words = text.split([' ', ',']).filter(|w| !w.is_empty()).peekable();
        while let Some(word) = words.next() {
            let upper = word.to_uppercase();
            match (upper.as_str(), words.peek().map(|w| w.to_uppercase()).as_deref()) {
                ("AUTO_INCREMENT", _) => extra.auto_increment = true,
                ("INVISIBLE", _) => extra.invisible = true,
                ("DEFAULT_GENERATED", _) => extra.is_expression = true,
                ("ON", Some("UPDATE")) => {
                    words.next();
                    extra.on_update = words.next().map(str::to_uppercase);
                }
                ("STORED" | "PERSISTENT", following) => {
                    extra.generated = Some(GeneratedKind::Stored);
                    if following == Some("GENERATED") {
                        words.next();
                    }
                }
                ("VIRTUAL", following) => {
                    extra.generated = Some(GeneratedKind::Virtual);
                    if following == Some("GENERATED") {
                        words.next();
                    }
                }
                ("WITHOUT" | "WITH", Some("SYSTEM")) => {
                    words.by_ref().take(2).for_each(drop);
                    extra.rest.push(format!("{upper} SYSTEM VERSIONING"));
                }
                _ => extra.rest.push(word.to_owned()),
            }
        }
        extra
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_is_taken_apart() {
        let extra = Extra::read("DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6) INVISIBLE");
        assert!(extra.is_expression && extra.invisible && extra.rest.is_empty());
        assert_eq!(extra.on_update.as_deref(), Some("CURRENT_TIMESTAMP(6)"));
        assert_eq!(Extra::read("STORED GENERATED").generated, Some(GeneratedKind::Stored));
        assert_eq!(
            Extra::read("auto_increment, INVISIBLE"),
            Extra { auto_increment: true, invisible: true, ..Extra::default() }
        );
        assert_eq!(Extra::read("WITHOUT SYSTEM VERSIONING").rest, ["WITHOUT SYSTEM VERSIONING"]);
    }

    #[test]
    fn defaults_are_written_again() {
        assert_eq!(mysql_default("it's", "varchar(9)", false), "'it''s'");
        assert_eq!(mysql_default("0", "int unsigned", false), "0");
        assert_eq!(mysql_default("2020-01-01", "date", false), "'2020-01-01'");
        assert_eq!(mysql_default("CURRENT_TIMESTAMP", "datetime", true), "CURRENT_TIMESTAMP");
        assert_eq!(mysql_default(r"concat(_utf8mb4\'a\',1)", "varchar(9)", true), "(concat(_utf8mb4'a',1))");
        let of = |sql: &str| known(sql.to_owned()).volatility;
        assert_eq!([of("'now()'"), of("0"), of("(1 + 1)")], [Volatility::Immutable; 3]);
        assert_eq!([of("CURRENT_TIMESTAMP"), of("current_timestamp(6)")], [Volatility::Stable; 2]);
        assert_eq!((of("(uuid())"), of("(f(1))")), (Volatility::Volatile, Volatility::Unknown));
    }
}
