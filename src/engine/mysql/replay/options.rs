//! What a table says of itself: engine, row format, character set, counter, comment, and what a rebuild resets.

use super::fault::Done;
use crate::engine::mysql::replay::column;
use crate::model::{Catalog, Server, Table};
use crate::sql::mysql::{DataType, charset, literal};

pub(super) fn value(raw: &str) -> String {
    literal(raw).unwrap_or_else(|| raw.trim_matches('`').to_owned())
}

/// Of the database, where it is known; a table without one of its own takes it.
pub(super) fn database_collation(server: &Server) -> String {
    let set = |name: &str| server.settings.get(name).filter(|v| !v.is_empty()).cloned();
    let known = set("collation_database").or_else(|| set("collation_server"));
    known.unwrap_or_else(|| charset::default_collation("utf8mb4", server))
}

/// An option of CREATE TABLE or ALTER TABLE. A new collation of the table is for columns to come.
pub(super) fn set(table: &mut Table, name: &str, raw: &str, server: &Server) -> Done {
    let value = value(raw);
    if name == "comment" {
        table.comment = Some(value).filter(|c| !c.is_empty());
        return Ok(());
    }
    let mut kept = table.mysql.take().unwrap_or_default();
    match name {
        "engine" | "type" => {
            kept.engine = spelled_engine(&value);
            rebuilt(&mut kept);
        }
        "row_format" => {
            let word = value.to_ascii_lowercase();
            let mut letters = word.chars();
            let first = letters.next().map(|c| c.to_ascii_uppercase());
            kept.row_format =
                if word == "default" { "Dynamic".into() } else { first.into_iter().chain(letters).collect() };
            option(&mut kept.options, name, &value.to_ascii_uppercase());
            rebuilt(&mut kept);
        }
        "auto_increment" => {
            let asked = value.parse::<u64>().ok();
            kept.auto_increment =
                kept.auto_increment.map(|now| asked.map_or(now, |n| n.max(1))).or(asked.filter(|n| *n > 1));
        }
        "default character set" => kept.collation = charset::default_collation(&value, server),
        "default collate" => kept.collation = charset::spelled(&value, server),
        "with system versioning" => kept.options.push("WITH SYSTEM VERSIONING".into()),
        "start transaction" | "union" | "insert_method" | "period" => {}
        _ => option(&mut kept.options, name, raw),
    }
    table.mysql = Some(kept);
    if name.starts_with("default ") {
        recollated(table);
    }
    Ok(())
}

/// `Column::collation` tells only of what differs from the table's.
fn recollated(table: &mut Table) {
    let of_table = table.mysql.as_ref().map(|m| m.collation.clone()).unwrap_or_default();
    for column in &mut table.columns {
        let own = column.mysql.as_ref().and_then(|m| m.collation.clone());
        column.collation = own.filter(|c| *c != of_table);
    }
}

fn spelled_engine(name: &str) -> String {
    let known = ["InnoDB", "MyISAM", "MEMORY", "Aria", "ARCHIVE", "CSV", "BLACKHOLE", "MRG_MyISAM", "ROCKSDB"];
    known.iter().find(|k| k.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), |k| (*k).to_owned())
}

fn option(options: &mut Vec<String>, name: &str, value: &str) {
    let head = format!("{}=", name.replace(' ', "_"));
    options.retain(|o| !o.to_ascii_lowercase().starts_with(&head));
    if !value.eq_ignore_ascii_case("default") {
        options.push(format!("{head}{value}"));
    }
}

/// All rows are written anew: what INSTANT changes left behind is gone.
pub(super) fn rebuilt(kept: &mut crate::model::mysql::MysqlTable) {
    if let Some(versions) = kept.row_versions.as_mut() {
        *versions = 0;
    }
}

/// `CONVERT TO CHARACTER SET`: every column of text, and the table's own.
pub(super) fn convert(table: &mut Table, set: &str, collation: Option<&str>, server: &Server) -> Done {
    let collation = match collation {
        Some(collation) => charset::spelled(collation, server),
        None if set.eq_ignore_ascii_case("default") => database_collation(server),
        None => charset::default_collation(set, server),
    };
    let name = charset::of_collation(&collation).to_owned();
    for column in &mut table.columns {
        let Some(read) = DataType::parse(&column.data_type).filter(DataType::is_character) else { continue };
        let Some(mut kept) = column.mysql.take() else { continue };
        // A text must hold as many characters as before: a wider set takes the next size.
        let before = kept.charset.as_deref().map_or(1, charset::bytes_per_character);
        let grows = charset::bytes_per_character(&name) > before;
        let wider = match read.name.as_str() {
            "tinytext" if grows => Some("text"),
            "text" if grows => Some("mediumtext"),
            "mediumtext" if grows => Some("longtext"),
            _ => None,
        };
        column.data_type = match wider {
            Some(wider) => wider.to_owned(),
            None => read.printed(server, Some(&name)),
        };
        kept.charset = (name != "binary").then(|| name.clone());
        kept.collation = (name != "binary").then(|| collation.clone());
        column.collation = None;
        column.mysql = Some(kept);
    }
    let mut kept = table.mysql.take().unwrap_or_default();
    kept.collation.clone_from(&collation);
    rebuilt(&mut kept);
    table.mysql = Some(kept);
    recollated(table);
    Ok(())
}

/// The table's collation, for columns that say none.
pub(super) fn collation(catalog: &Catalog, table: &Table) -> String {
    let own = table.mysql.as_ref().map(|m| m.collation.clone()).filter(|c| !c.is_empty());
    own.unwrap_or_else(|| database_collation(&catalog.server))
}

/// A default of an ALTER COLUMN … SET DEFAULT.
pub(super) fn default(column: &mut crate::model::Column, written: Option<&str>, server: &Server) {
    column.default = column::default(written, &column.data_type, server);
}
