//! Policies, publications, the state of triggers, storage options: read out of the statement's own words.

use super::with_table;
use crate::model::objects::{Policy, Publication, PublishedTable};
use crate::model::{Catalog, Ident, TableName};
use crate::sql::{ObjectName, Reader, pieces};

pub(super) fn known(catalog: &mut Catalog, op: &str, target: Option<&ObjectName>, text: &str) {
    let mut words = Reader::new(text);
    words.skip();
    match op {
        "create-policy" | "alter-policy" | "drop-policy" => {
            if let Some(table) = target.map(|t| t.resolve(catalog)) {
                policy(catalog, op, &table, words);
            }
        }
        "alter-trigger" => {
            words.eat("trigger");
            let Some((from, table)) = words.ident().zip(target.map(|t| t.resolve(catalog))) else { return };
            words.up_to(&["rename"]);
            if words.eat("rename to")
                && let Some(to) = words.ident()
            {
                for table in super::family(catalog, &table) {
                    with_table(catalog, &table, |t| {
                        let mut named: Vec<_> = std::mem::take(&mut t.triggers);
                        named.iter_mut().filter(|g| g.name == from).for_each(|g| g.name = to.clone());
                        named.sort_by(|a, b| a.name.cmp(&b.name));
                        t.triggers = named;
                    });
                }
            }
        }
        "create-publication" | "alter-publication" | "drop-publication" => publication(catalog, op, words),
        _ => {}
    }
}

fn policy(catalog: &mut Catalog, op: &str, table: &TableName, mut words: Reader<'_>) {
    words.eat("policy");
    words.eat("if exists");
    let Some(name) = words.ident() else { return };
    words.eat("on");
    words.name();
    if op == "drop-policy" {
        return with_table(catalog, table, |t| t.policies.retain(|p| p.name != name));
    }
    if words.eat("rename to") {
        let Some(to) = words.ident() else { return };
        return with_table(catalog, table, |t| {
            t.policies.iter_mut().filter(|p| p.name == name).for_each(|p| p.name = to.clone());
        });
    }
    let old = catalog.table(table).and_then(|t| t.policies.iter().find(|p| p.name == name)).cloned();
    let mut made = old.unwrap_or_else(|| Policy {
        name: name.clone(),
        command: "ALL".to_owned(),
        columns: Vec::new(),
        using: None,
        check: None,
        roles: vec!["public".into()],
        permissive: true,
        comment: None,
    });
    while !words.ended() {
        if words.eat("as") {
            made.permissive = !words.eat("restrictive");
            words.eat("permissive");
        } else if words.eat("for") {
            made.command = words.up_to(&["to", "using", "with"]).to_uppercase();
        } else if words.eat("to") {
            let list = pieces(words.up_to(&["using", "with"]));
            made.roles = list.into_iter().filter_map(|r| Reader::new(r).ident()).collect();
        } else if words.eat("using") {
            made.using = words.parens().map(str::to_owned);
        } else if words.eat("with check") {
            made.check = words.parens().map(str::to_owned);
        } else {
            words.skip();
        }
    }
    let read = made.using.iter().chain(&made.check).flat_map(|e| crate::sql::expression(e).columns);
    let mut columns: Vec<Ident> = read.collect();
    columns.sort();
    columns.dedup();
    with_table(catalog, table, |t| {
        made.columns = columns.into_iter().filter(|c| t.column(c).is_some()).collect();
        t.policies.retain(|p| p.name != name);
        let at = t.policies.partition_point(|p| p.name < name);
        t.policies.insert(at, made);
    });
}

fn publication(catalog: &mut Catalog, op: &str, mut words: Reader<'_>) {
    words.eat("publication");
    words.eat("if exists");
    let Some(name) = words.ident() else { return };
    match op {
        "drop-publication" => catalog.publications.retain(|p| p.name != name),
        "create-publication" => {
            let mut made = Publication { name: name.clone(), all_tables: false, tables: Vec::new() };
            if words.eat("for all tables") {
                made.all_tables = true;
            } else if words.eat("for table") {
                made.tables = published(catalog, words.up_to(&["with"]));
            }
            catalog.publications.retain(|p| p.name != name);
            let at = catalog.publications.partition_point(|p| p.name < name);
            catalog.publications.insert(at, made);
        }
        _ => {
            let (add, set) = (words.eat("add table"), words.eat("set table"));
            let drop = words.eat("drop table");
            let listed = if add || set || drop { published(catalog, words.rest()) } else { Vec::new() };
            let Some(publication) = catalog.publications.iter_mut().find(|p| p.name == name) else { return };
            if words.eat("rename to") {
                publication.name = words.ident().unwrap_or(name);
                return;
            }
            if set {
                publication.tables.clear();
            }
            publication.tables.retain(|t| !listed.iter().any(|l| l.table == t.table));
            if add || set {
                publication.tables.extend(listed);
                publication.tables.sort_by(|a, b| a.table.cmp(&b.table));
            }
        }
    }
}

/// `[TABLE] [ONLY] a [*] [(columns)] [WHERE (…)], b …`.
fn published(catalog: &Catalog, list: &str) -> Vec<PublishedTable> {
    let one = |piece: &str| {
        let mut words = Reader::new(piece);
        words.eat("table");
        words.eat("only");
        let table = words.name()?.resolve(catalog);
        words.eat_mark("*");
        let columns = words.parens().map(pieces).unwrap_or_default();
        let columns = columns.into_iter().filter_map(|c| Reader::new(c).ident()).collect();
        let row_filter = if words.eat("where") { words.parens().map(str::to_owned) } else { None };
        Some(PublishedTable { table, columns, row_filter })
    };
    pieces(list).into_iter().filter_map(one).collect()
}

/// An action of ALTER TABLE that the tree knows by its name only.
pub(super) fn action(catalog: &mut Catalog, table: &TableName, op: &str, text: &str) {
    let mut words = Reader::new(text);
    match op {
        "enable-trigger" | "disable-trigger" => {
            let off = words.eat("disable");
            words.eat("enable");
            let state = if off {
                "disabled"
            } else if words.eat("replica") {
                "replica"
            } else if words.eat("always") {
                "always"
            } else {
                "origin"
            };
            words.eat("trigger");
            let one = if words.eat("all") || words.eat("user") { None } else { words.ident() };
            with_table(catalog, table, |t| {
                let meant = t.triggers.iter_mut().filter(|g| one.as_ref().is_none_or(|n| g.name == *n));
                meant.for_each(|g| g.enabled = Some(state.to_owned()));
            });
        }
        "replica-identity" => {
            words.eat("replica identity");
            let what = if words.eat("using index") {
                words.ident().map_or_else(String::new, |i| format!("index {i}"))
            } else {
                words.rest().to_lowercase()
            };
            with_table(catalog, table, |t| t.replica_identity = Some(what));
        }
        "set-options" | "reset-options" => {
            let set = words.eat("set");
            words.eat("reset");
            for pair in words.parens().map(pieces).unwrap_or_default() {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                let name = name.trim().to_lowercase();
                let value = value.trim().trim_matches('\'').to_owned();
                with_table(catalog, table, |t| {
                    t.options.retain(|o| o.split_once('=').is_none_or(|(n, _)| n != name));
                    if set {
                        t.options.push(format!("{name}={value}"));
                    }
                });
            }
        }
        _ => {}
    }
}
