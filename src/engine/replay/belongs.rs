//! What is said of an object and belongs to it: comments, statistics, storage, the columns that a trigger watches.

use super::with_table;
use crate::engine::names::renamed;
use crate::model::attached::ExtendedStatistics;
use crate::model::{Catalog, Column, Ident, Table, TableName};
use crate::sql::{ObjectName, Reader, expression, pieces};

/// `COMMENT ON … IS …`.
pub(super) fn comment(catalog: &mut Catalog, text: &str) {
    let mut words = Reader::new(text);
    words.eat("comment on");
    let kinds =
        ["materialized view", "table", "column", "view", "index", "constraint", "trigger", "policy", "statistics"];
    let Some(kind) = kinds.into_iter().find(|k| words.eat(k)) else { return };
    let Some(name) = words.name() else { return };
    let on = if words.eat("on") { words.name().map(|t| t.resolve(catalog)) } else { None };
    words.up_to(&["is"]);
    words.eat("is");
    let said = words.string();
    match (kind, on) {
        ("column", _) => {
            let Some(table) = column_table(text, &name).map(|t| t.resolve(catalog)) else { return };
            if let Some(view) = catalog.views.iter_mut().find(|v| v.name == table) {
                view.columns.iter_mut().filter(|c| c.name == name.name).for_each(|c| c.comment.clone_from(&said));
            }
            super::column::change(catalog, &table, &name.name, |c| c.comment = said);
        }
        ("table", _) => {
            let table = name.resolve(catalog);
            with_table(catalog, &table, |t| t.comment = said);
        }
        ("view" | "materialized view", _) => {
            let view = name.resolve(catalog);
            catalog.views.iter_mut().filter(|v| v.name == view).for_each(|v| v.comment.clone_from(&said));
        }
        ("index", _) => {
            let owner = catalog.index_owner(name.schema.as_ref(), &name.name).map(|(t, _)| t.name.clone());
            let Some(owner) = owner else {
                return super::stored::index(catalog, &name, |i| i.comment.clone_from(&said));
            };
            with_table(catalog, &owner, |t| {
                t.indexes.iter_mut().filter(|i| i.name == name.name).for_each(|i| i.comment.clone_from(&said));
            });
        }
        ("constraint", Some(table)) => with_table(catalog, &table, |t| {
            t.constraints.iter_mut().filter(|c| c.name == name.name).for_each(|c| c.comment.clone_from(&said));
        }),
        ("trigger", Some(table)) => with_table(catalog, &table, |t| {
            t.triggers.iter_mut().filter(|g| g.name == name.name).for_each(|g| g.comment.clone_from(&said));
        }),
        ("policy", Some(table)) => with_table(catalog, &table, |t| {
            t.policies.iter_mut().filter(|p| p.name == name.name).for_each(|p| p.comment.clone_from(&said));
        }),
        ("statistics", _) => {
            let full = in_first_schema(catalog, &name);
            each_statistics(catalog, &full, |s| s.comment.clone_from(&said));
        }
        _ => {}
    }
}

/// The table of `COMMENT ON COLUMN schema.table.column`: the name's last two parts are the table and the column.
fn column_table(text: &str, name: &ObjectName) -> Option<ObjectName> {
    let mut words = Reader::new(text);
    words.eat("comment on column");
    let first = words.ident()?;
    words.eat_mark(".");
    let second = words.ident()?;
    let three = words.eat_mark(".");
    let table = name.schema.clone()?;
    Some(ObjectName { schema: (three && second == table).then_some(first), name: table })
}

fn in_first_schema(catalog: &Catalog, name: &ObjectName) -> TableName {
    let first = catalog.search_path.first().cloned().unwrap_or_else(|| "public".into());
    TableName { schema: name.schema.clone().unwrap_or(first), name: name.name.clone() }
}

fn each_statistics(catalog: &mut Catalog, name: &TableName, change: impl Fn(&mut ExtendedStatistics)) {
    catalog.tables.iter_mut().flat_map(|t| &mut t.statistics).filter(|s| s.name == *name).for_each(change);
}

/// CREATE, ALTER and DROP STATISTICS.
pub(super) fn statistics(catalog: &mut Catalog, op: &str, target: Option<&ObjectName>, text: &str) {
    let mut words = Reader::new(text);
    words.skip();
    words.eat("statistics");
    words.eat("if not exists");
    words.eat("if exists");
    let Some(name) = words.name().map(|n| in_first_schema(catalog, &n)) else { return };
    match op {
        "create-statistics" => {
            let Some(table) = target.map(|t| t.resolve(catalog)) else { return };
            let from = words.place();
            words.parens();
            words.eat("on");
            let keys = words.up_to(&["from"]);
            let columns: Vec<Ident> = pieces(keys).into_iter().flat_map(|k| expression(k).columns).collect();
            words.rest();
            let d = crate::engine::dialect(catalog.server.engine);
            let definition = format!("CREATE STATISTICS {} {}", d.name(&name), words.since(from));
            let made = ExtendedStatistics { name, definition, columns, target: None, owner: None, comment: None };
            with_table(catalog, &table, |t| {
                t.statistics.retain(|s| s.name != made.name);
                let at = t.statistics.partition_point(|s| s.name < made.name);
                t.statistics.insert(at, made);
            });
        }
        "drop-statistics" => {
            for table in &mut catalog.tables {
                table.statistics.retain(|s| s.name != name);
            }
        }
        _ if words.eat("rename to") => {
            let Some(to) = words.ident() else { return };
            each_statistics(catalog, &name, |s| {
                s.definition = renamed(&s.definition, &s.name.name, &to);
                s.name.name = to.clone();
            });
        }
        _ if words.eat("owner to") => {
            let owner = words.ident();
            each_statistics(catalog, &name, |s| s.owner.clone_from(&owner));
        }
        _ if words.eat("set statistics") => {
            let target = words.rest().trim().parse().ok();
            each_statistics(catalog, &name, |s| s.target = target);
        }
        _ => {}
    }
}

/// Actions of ALTER COLUMN that say something of it.
pub(super) fn column_action(table: &mut Table, op: &str, column: &Ident, text: &str) {
    let mut words = Reader::new(text);
    words.eat("alter");
    words.eat("column");
    words.ident();
    let Some(found) = table.columns.iter_mut().find(|c| c.name == *column) else { return };
    match op {
        "set-statistics" if words.eat("set statistics") => {
            found.statistics = words.rest().trim().parse().ok().filter(|n: &i32| *n >= 0);
        }
        "set-storage" if words.eat("set storage") => found.storage = Some(words.rest().trim().to_lowercase()),
        "set-compression" if words.eat("set compression") => {
            found.compression = Some(words.rest().trim().to_lowercase()).filter(|m| m != "default");
        }
        "set-expression" => {
            words.up_to(&["as"]);
            words.eat("as");
            if let (Some(generated), Some(sql)) = (&mut found.generated, words.parens()) {
                sql.clone_into(&mut generated.sql);
            }
        }
        _ if words.eat("set") && words.is_mark("(") => options(found, words.parens().unwrap_or("")),
        _ => {}
    }
}

fn options(column: &mut Column, list: &str) {
    for pair in pieces(list) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = name.trim().to_lowercase();
        column.options.retain(|o| o.split_once('=').is_none_or(|(n, _)| n != name));
        column.options.push(format!("{name}={}", value.trim().trim_matches('\'')));
    }
}

/// `CLUSTER ON index`.
pub(super) fn cluster_on(table: &mut Table, text: &str) {
    let mut words = Reader::new(text);
    if words.eat("cluster on") {
        let name = words.ident();
        table.indexes.iter_mut().for_each(|i| i.clustered = Some(&i.name) == name.as_ref());
    }
}

/// Columns of `UPDATE OF` and of WHEN, of those that the table has.
pub(super) fn watched(table: &Table, definition: &str) -> Vec<Ident> {
    let mut words = Reader::new(definition);
    let mut columns: Vec<Ident> = Vec::new();
    words.up_to(&["of", "on"]);
    if words.eat("of") {
        columns.extend(pieces(words.up_to(&["on", "or"])).into_iter().filter_map(|c| Reader::new(c).ident()));
    }
    words.up_to(&["when", "execute"]);
    if words.eat("when") {
        columns.extend(words.parens().map(expression).map(|e| e.columns).unwrap_or_default());
    }
    columns.retain(|c| table.column(c).is_some());
    columns.sort();
    columns.dedup();
    columns
}
