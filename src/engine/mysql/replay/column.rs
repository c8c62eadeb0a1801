//! Columns: a definition → the column as the server keeps it, and changes of columns with all that follows them.

use super::fault::{self, Done};
use super::names::{has, same};
use super::{index, names};
use crate::model::catalog::{ConstraintKind, DefaultValue, Generated, Volatility};
use crate::model::mysql::MysqlColumn;
use crate::model::{Catalog, Column, Engine, Ident, Server, Table, Version};
use crate::sql::mysql::statement::{ColumnDef, Position};
use crate::sql::mysql::{self, DataType, charset};

/// `TIMESTAMP` is a column like any other; older servers make it NOT NULL with a default of its own.
fn explicit_timestamp(server: &Server) -> bool {
    match server.settings.get("explicit_defaults_for_timestamp").map(String::as_str) {
        Some(set) => set == "ON" || set == "1",
        None if server.engine == Engine::Mariadb => server.version >= Version::new(10, 10),
        None => server.version >= Version::new(8, 0),
    }
}

/// The column in a table of that collation; `is_first_timestamp`: no other before it.
pub(super) fn settled(
    def: &ColumnDef,
    server: &Server,
    collation: &str,
    is_first_timestamp: bool,
) -> Result<Column, String> {
    names::fits(&def.name)?;
    let read = DataType::parse(&def.data_type).unwrap_or_default();
    let mut kept = MysqlColumn::default();
    let mut charset_name = None;
    let mariadb_json = read.name == "json" && server.engine == Engine::Mariadb;
    if read.is_character() || mariadb_json {
        let named = def.charset.clone().or_else(|| read.charset.map(str::to_owned));
        let chosen = match (&def.collation, named) {
            (Some(collation), _) => charset::spelled(collation, server),
            (None, Some(named)) => charset::default_collation(&named, server),
            (None, None) if mariadb_json => "utf8mb4_bin".to_owned(),
            (None, None) => collation.to_owned(),
        };
        let set = charset::of_collation(&chosen).to_owned();
        let binary = def.extra.iter().any(|w| w == "BINARY") && set != "binary";
        charset_name = Some(set.clone());
        if set != "binary" {
            kept.collation = Some(if binary { format!("{set}_bin") } else { chosen });
            kept.charset = Some(set);
        }
    }
    let mut column = Column::new(def.name.0.clone(), read.printed(server, charset_name.as_deref()));
    if column.data_type.is_empty() {
        column.data_type.clone_from(&def.data_type);
    }
    column.collation = kept.collation.clone().filter(|c| c != collation);
    column.comment = def.comment.clone().filter(|c| !c.is_empty());
    column.not_null = def.not_null == Some(true) || def.primary || def.auto_increment;
    column.generated = def.generated.as_ref().map(|(sql, kind)| Generated { sql: sql.clone(), kept: *kind });
    if mariadb_json {
        kept.check = Some(format!("json_valid({})", names::quoted(&def.name)));
    }
    kept.auto_increment = def.auto_increment;
    kept.invisible = def.invisible;
    kept.on_update = def.on_update.as_deref().map(|text| now(text, server).to_ascii_uppercase());
    kept.extra = def.extra.iter().filter(|w| *w != "BINARY").cloned().collect();
    column.default = default(def.default.as_deref(), &column.data_type, server);
    if def.default.as_deref().is_some_and(|d| d.eq_ignore_ascii_case("null")) && column.not_null {
        return Err(fault::invalid_default(&def.name));
    }
    let text = column.data_type.ends_with("text") || column.data_type.ends_with("blob");
    let literal = def.default.as_deref().is_some_and(|d| !d.starts_with('(') && !d.eq_ignore_ascii_case("null"));
    if server.engine == Engine::Mysql && literal && (text || column.data_type == "json") {
        return Err(format!(
            "BLOB, TEXT, GEOMETRY or JSON column `{}` can't have a default value (error 1101)",
            def.name
        ));
    }
    if read.name == "timestamp" && def.not_null != Some(false) && !explicit_timestamp(server) && def.generated.is_none()
    {
        column.not_null = true;
        if def.default.is_none() && def.on_update.is_none() && is_first_timestamp {
            let written = format!("current_timestamp({})", read.numbers.first().unwrap_or(&0));
            let now = now(&written, server);
            kept.on_update = Some(now.to_ascii_uppercase());
            column.default = Some(known(now));
        } else if def.default.is_none() {
            column.default = Some(known("'0000-00-00 00:00:00'".to_owned()));
        }
    }
    column.mysql = Some(Box::new(kept));
    Ok(column)
}

fn known(sql: String) -> DefaultValue {
    let read = mysql::expression(&sql);
    let volatility = if read.functions.is_empty() {
        Volatility::Immutable
    } else if read.functions.iter().any(|f| ["uuid", "rand", "uuid_short", "sysdate", "nextval"].contains(&f.as_str()))
    {
        Volatility::Volatile
    } else if read.functions.iter().all(|f| ["now", "current_user", "user", "unix_timestamp"].contains(&f.as_str())) {
        Volatility::Stable
    } else {
        Volatility::Unknown
    };
    DefaultValue { sql, volatility }
}

/// `NOW(6)` and its like as the server prints them.
fn now(text: &str, server: &Server) -> String {
    let lower = text.to_ascii_lowercase();
    let precision: String = lower.chars().filter(char::is_ascii_digit).collect();
    let precision = if precision == "0" { String::new() } else { precision };
    match (server.engine, precision.as_str()) {
        (Engine::Mariadb, _) => format!("current_timestamp({precision})"),
        (_, "") => "CURRENT_TIMESTAMP".into(),
        _ => format!("CURRENT_TIMESTAMP({precision})"),
    }
}

fn is_now(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let word = lower.split('(').next().unwrap_or("").trim();
    matches!(word, "now" | "current_timestamp" | "localtime" | "localtimestamp")
}

/// A default as the catalog shows it.
pub(super) fn default(written: Option<&str>, data_type: &str, server: &Server) -> Option<DefaultValue> {
    let written = written?.trim();
    if written.eq_ignore_ascii_case("null") {
        return None;
    }
    if is_now(written) {
        return Some(known(now(written, server)));
    }
    let base = data_type.split(['(', ' ']).next().unwrap_or("");
    let number = matches!(
        base,
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "float" | "double" | "year"
    );
    let value = match written.to_ascii_lowercase().as_str() {
        "true" if number => Some("1".to_owned()),
        "false" if number => Some("0".to_owned()),
        _ => mysql::literal(written),
    };
    let bare = value.clone().unwrap_or_else(|| written.to_owned());
    if number && bare.parse::<f64>().is_ok() {
        return Some(known(if base == "decimal" {
            scaled(&bare, data_type)
        } else {
            bare.trim_start_matches('+').to_owned()
        }));
    }
    if written.starts_with(['b', 'B']) && written.ends_with('\'') {
        return Some(known(written.to_ascii_lowercase()));
    }
    match value {
        Some(text) => {
            let text = text.replace('\\', "\\\\").replace('\'', "''");
            Some(DefaultValue { sql: format!("'{text}'"), volatility: Volatility::Immutable })
        }
        // A number for a column of text is kept as a text.
        None if written.parse::<f64>().is_ok() => Some(known(format!("'{written}'"))),
        None => Some(known(written.to_owned())),
    }
}

/// `0` in a DECIMAL(10,2) is shown as `0.00`.
fn scaled(number: &str, data_type: &str) -> String {
    let inside = data_type.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    let scale: usize = inside.split(',').nth(1).and_then(|s| s.trim().parse().ok()).unwrap_or(0);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if scale == 0 || part.len() > scale {
        return number.to_owned();
    }
    format!("{whole}.{part:0<scale$}")
}

/// Puts a column in its place; the last without one.
pub(super) fn place(table: &mut Table, column: Column, position: Option<&Position>) -> Done {
    let at = match position {
        None => table.columns.len(),
        Some(Position::First) => 0,
        Some(Position::After(after)) => {
            let found = table.columns.iter().position(|c| same(&c.name, after));
            found.ok_or_else(|| fault::unknown_column(after, &table.name))? + 1
        }
    };
    table.columns.insert(at.min(table.columns.len()), column);
    Ok(())
}

/// Takes a column off; indexes lose that part, and go with their last one.
pub(super) fn drop(catalog: &Catalog, table: &mut Table, name: &Ident) -> Done {
    let Some(at) = table.columns.iter().position(|c| same(&c.name, name)) else {
        return Err(fault::cannot_drop(name));
    };
    let mysql = catalog.server.engine == Engine::Mysql;
    for other in table.columns.iter().filter(|c| !same(&c.name, name)) {
        let reads = other.generated.as_ref().is_some_and(|g| has(&mysql::expression(&g.sql).columns, name));
        if reads {
            return Err(fault::generated_uses(name, &other.name));
        }
    }
    for constraint in &table.constraints {
        let uses = has(&constraint.columns, name);
        match constraint.kind {
            ConstraintKind::ForeignKey if uses => {
                return Err(fault::needed_by_foreign_key(1828, "column", name, &constraint.name));
            }
            // A check of this column alone goes with it.
            ConstraintKind::Check if uses && constraint.columns.len() > 1 => {
                return Err(fault::check_uses(&constraint.name, name));
            }
            _ => {}
        }
    }
    if mysql {
        referenced(catalog, table, name, 1829)?;
    } else if table.indexes.iter().any(|i| i.unique && i.keys.len() > 1 && has(&i.uses, name)) {
        // What is left of a unique key might not be unique: MariaDB wants it dropped by name.
        return Err(fault::no_key_column(name));
    }
    table.columns.remove(at);
    table.constraints.retain(|c| c.kind != ConstraintKind::Check || !has(&c.columns, name));
    for index in &mut table.indexes {
        index::lose(index, name);
    }
    let gone: Vec<Ident> = table.indexes.iter().filter(|i| i.keys.is_empty()).map(|i| i.name.clone()).collect();
    table.indexes.retain(|i| !i.keys.is_empty());
    table.constraints.retain(|c| c.kind != ConstraintKind::PrimaryKey || !gone.iter().any(|g| g.as_str() == "PRIMARY"));
    index::settle_primary(table);
    Ok(())
}

/// Another table's foreign key needs the column.
pub(super) fn referenced(catalog: &Catalog, table: &Table, column: &Ident, number: u16) -> Done {
    for (_, key) in catalog.referenced_by(&table.name) {
        if key.references.as_ref().is_some_and(|r| has(&r.columns, column)) {
            return Err(fault::needed_by_foreign_key(number, "column", column, &key.name));
        }
    }
    Ok(())
}

/// A new name follows into indexes and foreign keys; what reads the column by a text stops it, or follows on MariaDB.
pub(super) fn rename(catalog: &mut Catalog, table: &mut Table, from: &Ident, to: &Ident) -> Done {
    if from == to {
        return Ok(());
    }
    names::fits(to)?;
    let mysql = catalog.server.engine == Engine::Mysql;
    let swap = |sql: &str| {
        let read = mysql::expression(sql);
        mysql::rename_column_in(&read, &|c| same(c, from).then(|| names::quoted(to))).unwrap_or_else(|| sql.to_owned())
    };
    for column in &mut table.columns {
        let Some(generated) = column.generated.as_mut() else { continue };
        if !has(&mysql::expression(&generated.sql).columns, from) {
            continue;
        }
        if mysql && !same(from, to) {
            return Err(fault::generated_uses(from, &column.name));
        }
        generated.sql = swap(&generated.sql);
    }
    for constraint in &mut table.constraints {
        if constraint.kind == ConstraintKind::Check && has(&constraint.columns, from) {
            if mysql && !same(from, to) {
                return Err(fault::check_uses(&constraint.name, from));
            }
            constraint.definition = renamed_text(&constraint.definition, from, to);
        }
    }
    for column in table.columns.iter_mut().filter(|c| same(&c.name, from)) {
        column.name = to.clone();
    }
    for index in &mut table.indexes {
        for key in index.keys.iter_mut().flatten().chain(index.uses.iter_mut()).filter(|k| same(k, from)) {
            *key = to.clone();
        }
        index.definition = renamed_text(&index.definition, from, to);
    }
    let own = table.name.clone();
    let here = |references: &mut crate::model::catalog::Reference| {
        if references.table == own {
            for column in references.columns.iter_mut().filter(|c| same(c, from)) {
                *column = to.clone();
            }
        }
    };
    for constraint in &mut table.constraints {
        for column in constraint.columns.iter_mut().filter(|c| same(c, from)) {
            *column = to.clone();
        }
        if let Some(references) = constraint.references.as_mut() {
            here(references);
        }
        if constraint.kind != ConstraintKind::Check {
            constraint.definition = renamed_text(&constraint.definition, from, to);
        }
    }
    for other in &mut catalog.tables {
        for constraint in &mut other.constraints {
            let points = constraint.references.as_ref().is_some_and(|r| r.table == own && has(&r.columns, from));
            if points {
                if let Some(references) = constraint.references.as_mut() {
                    here(references);
                }
                let (head, tail) =
                    constraint.definition.split_once(" REFERENCES ").unwrap_or((&constraint.definition, ""));
                let tail = renamed_text(tail, from, to);
                constraint.definition = format!("{head} REFERENCES {tail}");
            }
        }
    }
    Ok(())
}

/// In texts of the catalog names stand in backticks.
fn renamed_text(text: &str, from: &Ident, to: &Ident) -> String {
    let (old, new) = (names::quoted(from), names::quoted(to));
    // The index's or constraint's own name stands before the parenthesis.
    match text.split_once('(') {
        Some((head, tail)) => format!("{head}({}", tail.replace(&old, &new)),
        None => text.to_owned(),
    }
}
