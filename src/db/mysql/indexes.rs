//! Indexes, and the primary key as a constraint: each with the text that ADD takes.

use super::columns::as_stored;
use super::query;
use super::rows::Row;
use super::tables;
use super::text::{columns_of, in_parentheses, quoted, string};
use super::{Error, Reader};
use crate::model::catalog::{Constraint, Index};
use crate::model::mysql::MysqlIndex;
use crate::model::{Catalog, Engine, Ident, Table};
use std::collections::BTreeMap;

pub async fn read(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = reader.read(query::INDEXES).await?;
    let mut found: BTreeMap<(&str, &str), Vec<Row<'_>>> = BTreeMap::new();
    for row in rows.iter() {
        found.entry((row.text("tbl"), row.text("name"))).or_default().push(row);
    }
    let engine = reader.line.engine;
    for mut parts in found.into_values() {
        parts.sort_by_key(|part| part.number("place"));
        let Some(first) = parts.first() else { continue };
        let Some(table) = tables::of(catalog, first) else { continue };
        let index = index(table, &parts, first, engine);
        if index.primary {
            table.constraints.push(Constraint::primary_key(&index));
        }
        table.indexes.push(index);
    }
    Ok(())
}

fn index(table: &Table, parts: &[Row<'_>], first: &Row<'_>, engine: Engine) -> Index {
    let name = Ident(first.owned("name"));
    let primary = name.as_str() == "PRIMARY";
    let unique = first.text("repeats") == "0";
    let method = first.text("type").to_lowercase();
    let mut keys = Vec::new();
    let mut uses = Vec::new();
    let mut prefixes = Vec::new();
    let mut texts = Vec::new();
    for part in parts {
        let column = part.opt("col").map(|c| Ident(c.to_owned()));
        let prefix = part.number("prefix").and_then(|n| u32::try_from(n).ok()).filter(|_| method != "spatial");
        let mut text = match (&column, part.opt("expression")) {
            (Some(column), _) => quoted(column),
            (None, expression) => in_parentheses(&as_stored(expression.unwrap_or_default(), engine)),
        };
        if let Some(prefix) = prefix {
            text.push_str(&format!("({prefix})"));
        }
        if part.text("direction") == "D" {
            text.push_str(" DESC");
        }
        match &column {
            Some(column) => uses.push(column.clone()),
            None => uses.extend(columns_of(&text, table.columns.iter().map(|c| &c.name))),
        }
        keys.push(column);
        prefixes.push(prefix);
        texts.push(text);
    }
    uses.sort();
    uses.dedup();
    if prefixes.iter().all(Option::is_none) {
        prefixes.clear();
    }
    let invisible = first.text("visible") == "NO" || first.text("ignored") == "YES";
    let comment = first.opt("comment").filter(|c| !c.is_empty()).map(str::to_owned);
    let mut definition = match (primary, method.as_str()) {
        (true, _) => "PRIMARY KEY".to_owned(),
        (_, "fulltext") => format!("FULLTEXT KEY {}", quoted(&name)),
        (_, "spatial") => format!("SPATIAL KEY {}", quoted(&name)),
        _ if unique => format!("UNIQUE KEY {}", quoted(&name)),
        _ => format!("KEY {}", quoted(&name)),
    };
    definition.push_str(&format!(" ({})", texts.join(", ")));
    if method == "hash" {
        definition.push_str(" USING HASH");
    }
    if let Some(comment) = &comment {
        definition.push_str(&format!(" COMMENT {}", string(comment)));
    }
    if invisible {
        definition.push_str(if engine == Engine::Mariadb { " IGNORED" } else { " INVISIBLE" });
    }
    Index {
        has_expressions: keys.iter().any(Option::is_none),
        constraint: primary.then(|| name.clone()),
        name,
        definition,
        method,
        keys,
        include: Vec::new(),
        uses,
        predicate: None,
        unique,
        primary,
        // `ALTER TABLE … DISABLE KEYS`, which MyISAM has.
        valid: first.text("state") != "disabled",
        ready: true,
        bytes: 0,
        scans: None,
        comment,
        tablespace: None,
        clustered: false,
        statistics: Vec::new(),
        mysql: Some(Box::new(MysqlIndex { invisible, prefixes })),
    }
}
