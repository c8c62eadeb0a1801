//! Replay against real servers: after each statement the replayed catalog holds what the inspector reads.

use crate::facts::{prepared, statement};
use crate::inspect::inspect;
use crate::support::shape::shapes;
use crate::support::{Server, fact_majors, on_each};
use sidestep::engine::replay;
use sidestep::model::{Catalog, TableName};
use std::collections::BTreeSet;

/// What later SQL may name, one fact per line.
fn shape(catalog: &Catalog) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for t in &catalog.tables {
        let n = &t.name;
        lines.insert(format!("{n}: {:?}, partition of {:?}", t.kind, t.partition_of.as_ref().map(|p| &p.parent)));
        for c in &t.columns {
            lines.insert(format!(
                "{n}.{}: {} {}, default {:?}, identity {:?}, generated {:?}",
                c.name,
                c.data_type,
                if c.not_null { "not null" } else { "null" },
                c.default.as_ref().map(|d| d.volatility),
                c.identity,
                c.generated.as_ref().map(|g| g.kept),
            ));
        }
        let order: Vec<_> = t.columns.iter().map(|c| c.name.as_str()).collect();
        lines.insert(format!("{n}: columns {}", order.join(", ")));
        for i in &t.indexes {
            let mut uses = i.uses.clone();
            uses.sort();
            lines.insert(format!(
                "{n} index {}: {} keys {:?} include {:?} uses {uses:?}, unique {} primary {} valid {} partial {} of {:?}",
                i.name, i.method, i.keys, i.include, i.unique, i.primary, i.valid, i.predicate.is_some(), i.constraint,
            ));
            // Texts with an operator or a cast are deparsed by the server in its own way.
            if !i.has_expressions && i.predicate.is_none() {
                lines.insert(format!("{n} index {}: {}", i.name, i.definition));
            }
        }
        for c in &t.constraints {
            let mut columns = c.columns.clone();
            columns.sort();
            lines.insert(format!(
                "{n} constraint {}: {:?} {columns:?} valid {} {:?}",
                c.name, c.kind, c.valid, c.references
            ));
            if !c.definition.starts_with("CHECK") {
                lines.insert(format!("{n} constraint {}: {}", c.name, c.definition));
            }
        }
        for g in &t.triggers {
            lines.insert(format!("{n} trigger {}: {} on {:?}", g.name, g.function, g.columns));
        }
        for p in &t.policies {
            lines.insert(format!("{n} policy {}: {:?}", p.name, p.columns));
        }
    }
    for s in &catalog.sequences {
        lines.insert(format!("sequence {}: {} up to {} owned by {:?}", s.name, s.data_type, s.max_value, s.owned_by));
    }
    for v in &catalog.views {
        lines.insert(format!("view {}: {:?}", v.name, v.kind));
        lines.extend(v.uses.iter().map(|u| format!("view {} uses {} {:?}", v.name, u.table, u.columns)));
    }
    lines
}

/// Every line on one major; where the catalogs differ after it.
fn arrivals(major: u16) -> Vec<String> {
    let mut report = Vec::new();
    let database = prepared(major);
    let mut sql = database.session();
    let mut model = inspect(&database.url);
    for line in shapes("replay.sql").iter().filter(|s| s.is_for(major)) {
        sql.run(line.sql);
        let answer = replay(&mut model, &statement(line.sql));
        let real = inspect(&database.url);
        let (replayed, measured) = (shape(&model), shape(&real));
        let mut differences: Vec<String> = answer.err().map(|why| format!("refused: {why}")).into_iter().collect();
        differences.extend(measured.difference(&replayed).map(|l| format!("server:   {l}")));
        differences.extend(replayed.difference(&measured).map(|l| format!("replayed: {l}")));
        if !differences.is_empty() {
            report.push(format!("{major}: {}\n      {}", line.sql, differences.join("\n      ")));
            // Each line is judged on its own.
            model = real;
        }
    }
    report
}

#[test]
fn replay_arrives_where_servers_arrive() {
    let report: Vec<String> = on_each(&fact_majors(), arrivals).into_iter().flat_map(|(_, r)| r).collect();
    assert!(report.is_empty(), "{} lines differ\n{}", report.len(), report.join("\n"));
}

#[test]
fn a_hostile_name_is_only_a_name() {
    let database = Server::major(15).fresh_database();
    let mut sql = database.session();
    let create = "CREATE TABLE \"\"\"; drop table x; --\" (\"a\"\"b\" int PRIMARY KEY, \"ü \u{1b}\" text UNIQUE)";
    sql.run(create);
    let mut model = Catalog { tables: Vec::new(), sequences: Vec::new(), ..inspect(&database.url) };
    replay(&mut model, &statement(create)).unwrap();
    assert_eq!(shape(&model), shape(&inspect(&database.url)));
    assert!(model.table(&TableName::new("public", "\"; drop table x; --")).is_some());
}
