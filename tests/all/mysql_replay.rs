//! Replay against real MySQL and MariaDB servers: after each statement the replayed catalog holds what the server says.

use crate::support::{MysqlServer, MysqlSession, on_each_mysql};
use sidestep::engine::replay;
use sidestep::model::catalog::ConstraintKind;
use sidestep::model::{Catalog, Engine, Ident, Version};
use sidestep::sql;
use std::collections::BTreeSet;

/// In order, on one database. `[mysql]`, `[mariadb]`, `[new]` (all but MySQL 5.6) say who runs a line; a line that begins with
/// `!` is refused by both the server and the replay.
const LINES: &str = include_str!("mysql_replay.sql");

fn runs_on(line: &str, server: &MysqlServer) -> bool {
    let is = |tag: &str| line.contains(&format!("[{tag}]"));
    let tagged = is("mysql") || is("mariadb") || is("new") || is("mysql9");
    !tagged
        || (is("mysql") && !server.is_mariadb())
        || (is("mysql9") && server.name == "mysql-9.7")
        || (is("mariadb") && server.is_mariadb())
        || (is("new") && server.name != "mysql-5.6")
}

fn plain(default: &str) -> String {
    let text = default.trim().to_lowercase();
    let text = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).unwrap_or(&text).to_owned();
    text.trim_matches('\'').replace("current_timestamp()", "current_timestamp").replace("''", "'")
}

/// What later SQL may name, one fact per line, as the server has it.
fn measured(sql: &mut MysqlSession, db: &str, server: &MysqlServer) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let mut add = |rows: Vec<Vec<String>>, kind: &str| {
        for row in rows {
            lines.insert(format!("{kind} {}", row.join(" | ")));
        }
    };
    add(
        sql.rows(&format!(
            "SELECT TABLE_NAME, ENGINE, TABLE_COLLATION, TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{db}' AND TABLE_TYPE <> 'VIEW'"
        )),
        "table",
    );
    let columns = sql.rows(&format!(
        "SELECT TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, IFNULL(COLLATION_NAME, '-'), EXTRA LIKE '%auto_increment%', EXTRA LIKE '%INVISIBLE%', EXTRA LIKE '%on update%', EXTRA LIKE '%VIRTUAL%' OR EXTRA LIKE '%STORED%', COLUMN_COMMENT, IFNULL(COLUMN_DEFAULT, 'NULL') FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = '{db}' AND TABLE_NAME NOT IN (SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '{db}')"
    ));
    let columns = columns.into_iter().map(|mut row| {
        let default = row.pop().unwrap();
        row.push(plain(&default));
        row
    });
    add(columns.collect(), "column");
    add(
        sql.rows(&format!(
            "SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, IFNULL(COLUMN_NAME, '-'), IF(INDEX_TYPE = 'SPATIAL', '-', IFNULL(SUB_PART, '-')), IFNULL(COLLATION, '-') = 'D', INDEX_TYPE, INDEX_COMMENT FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = '{db}'"
        )),
        "index",
    );
    add(
        sql.rows(&format!(
            "SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION, k.COLUMN_NAME, k.REFERENCED_TABLE_SCHEMA = '{db}', k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME FROM information_schema.KEY_COLUMN_USAGE k WHERE k.TABLE_SCHEMA = '{db}' AND k.REFERENCED_TABLE_NAME IS NOT NULL"
        )),
        "foreign",
    );
    if server.is_mariadb() {
        add(sql.rows(&format!("SELECT TABLE_NAME, CONSTRAINT_NAME FROM information_schema.CHECK_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = '{db}' AND LEVEL = 'Table'")), "check");
    } else if server.name != "mysql-5.6" {
        add(sql.rows(&format!("SELECT TABLE_NAME, CONSTRAINT_NAME, ENFORCED FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = '{db}' AND CONSTRAINT_TYPE = 'CHECK'")), "check");
        add(
            sql.rows(&format!(
                "SELECT SUBSTRING_INDEX(NAME, '/', -1), TOTAL_ROW_VERSIONS FROM information_schema.INNODB_TABLES WHERE NAME = '{db}/rv'"
            )),
            "versions",
        );
    }
    add(
        sql.rows(&format!(
            "SELECT TABLE_NAME, PARTITION_ORDINAL_POSITION, PARTITION_NAME, PARTITION_METHOD, IFNULL(PARTITION_DESCRIPTION, '-') FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = '{db}' AND PARTITION_NAME IS NOT NULL"
        )),
        "partition",
    );
    add(
        sql.rows(&format!(
            "SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '{db}'"
        )),
        "trigger",
    );
    add(sql.rows(&format!("SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '{db}'")), "view");
    lines
}

/// The same of the model.
fn replayed(catalog: &Catalog, server: &MysqlServer) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let yes = |b: bool| u8::from(b);
    for t in &catalog.tables {
        let n = t.name.name.as_str();
        let m = t.mysql.clone().unwrap_or_default();
        lines.insert(format!("table {n} | {} | {} | {}", m.engine, m.collation, t.comment.as_deref().unwrap_or("")));
        for (at, c) in t.columns.iter().enumerate() {
            let k = c.mysql.clone().unwrap_or_default();
            lines.insert(format!(
                "column {n} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {}",
                at + 1,
                c.name.as_str(),
                c.data_type,
                if c.not_null { "NO" } else { "YES" },
                k.collation.as_deref().unwrap_or("-"),
                yes(k.auto_increment),
                yes(k.invisible),
                yes(k.on_update.is_some()),
                yes(c.generated.is_some()),
                c.comment.as_deref().unwrap_or(""),
                c.default.as_ref().map_or("null".to_owned(), |d| plain(&d.sql)),
            ));
        }
        for i in &t.indexes {
            let k = i.mysql.clone().unwrap_or_default();
            let parts = i.definition.split(" (").nth(1).unwrap_or("");
            for (at, key) in i.keys.iter().enumerate() {
                let descending = parts.split(", ").nth(at).is_some_and(|p| p.contains(" DESC"));
                lines.insert(format!(
                    "index {n} | {} | {} | {} | {} | {} | {} | {} | {}",
                    i.name.as_str(),
                    yes(!i.unique),
                    at + 1,
                    key.as_ref().map_or("-", Ident::as_str),
                    k.prefixes.get(at).copied().flatten().map_or("-".to_owned(), |p| p.to_string()),
                    yes(descending),
                    i.method.to_uppercase(),
                    i.comment.as_deref().unwrap_or(""),
                ));
            }
        }
        for c in &t.constraints {
            match (&c.references, c.kind) {
                (Some(r), _) => {
                    for (at, (own, other)) in c.columns.iter().zip(&r.columns).enumerate() {
                        lines.insert(format!(
                            "foreign {n} | {} | {} | {} | 1 | {} | {}",
                            c.name.as_str(),
                            at + 1,
                            own.as_str(),
                            r.table.name.as_str(),
                            other.as_str()
                        ));
                    }
                }
                (None, ConstraintKind::Check) if server.is_mariadb() => {
                    lines.insert(format!("check {n} | {}", c.name.as_str()));
                }
                (None, ConstraintKind::Check) => {
                    lines.insert(format!(
                        "check {n} | {} | {}",
                        c.name.as_str(),
                        if c.enforced { "YES" } else { "NO" }
                    ));
                }
                _ => {}
            }
        }
        if server.name == "mysql-9.7" && n == "rv" {
            lines.insert(format!("versions {n} | {}", m.row_versions.unwrap_or(0)));
        }
        for (at, p) in m.partitioning.iter().flat_map(|p| p.partitions.iter().enumerate()) {
            let method = m.partitioning.as_ref().map_or("", |p| p.method.as_str());
            let description = p.description.as_deref().unwrap_or("-");
            lines.insert(format!("partition {n} | {} | {} | {method} | {description}", at + 1, p.name.as_str()));
        }
        for g in &t.triggers {
            lines.insert(format!("trigger {n} | {}", g.name.as_str()));
        }
    }
    lines.extend(catalog.views.iter().map(|v| format!("view {}", v.name.name.as_str())));
    lines
}

fn arrivals(server: &'static MysqlServer) -> (usize, Vec<String>) {
    let database = server.fresh_database();
    let mut sql = MysqlSession::open(&database.url);
    let engine = if server.is_mariadb() { Engine::Mariadb } else { Engine::Mysql };
    let version: Version = sql.value("SELECT VERSION()").parse().unwrap();
    let mut model = Catalog::empty(engine, version);
    model.database.clone_from(&database.name);
    model.search_path = vec![Ident::new(database.name.clone())];
    for name in ["collation_database", "explicit_defaults_for_timestamp", "lower_case_table_names"] {
        let value = sql.value(&format!("SELECT @@{name}"));
        model.server.settings.insert(name.to_owned(), value);
    }
    let (mut report, mut known, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for line in LINES.lines().filter(|l| !l.is_empty() && !l.starts_with('#') && runs_on(l, server)) {
        let text = line.split(" -- [").next().unwrap().trim();
        let refused = text.starts_with('!');
        let text = text.trim_start_matches('!').trim();
        count += 1;
        let served = sql.try_run(text);
        let script = match sql::parse(text, engine) {
            Ok(script) => script,
            Err(problems) => {
                report.push(format!("{}: {text}\n      unread: {problems:?}", server.name));
                continue;
            }
        };
        let answer = script.statements.iter().try_for_each(|l| replay(&mut model, &l.statement));
        let mut wrong = Vec::new();
        match (&served, &answer) {
            (Err(code), Err(why)) if refused => {
                let same = why.contains(&format!("(error {})", code.code));
                if !same {
                    wrong.push(format!("server {} {}, replay {why}", code.code, code.message));
                }
            }
            (Ok(()), Ok(())) if !refused => {}
            _ => wrong.push(format!("server {served:?}, replay {answer:?}, expected refused: {refused}")),
        }
        let (there, here) = (measured(&mut sql, &database.name, server), replayed(&model, server));
        let mut differences: BTreeSet<String> = there.difference(&here).map(|l| format!("server:   {l}")).collect();
        differences.extend(here.difference(&there).map(|l| format!("replayed: {l}")));
        wrong.extend(differences.difference(&known).cloned());
        // Each line is judged on its own.
        known = differences;
        if !wrong.is_empty() {
            report.push(format!("{}: {text}\n      {}", server.name, wrong.join("\n      ")));
        }
    }
    (count, report)
}

#[test]
fn replay_arrives_where_servers_arrive() {
    let all = on_each_mysql(arrivals);
    let report: Vec<String> = all.iter().flat_map(|(_, (_, r))| r.clone()).collect();
    assert!(all.iter().all(|(_, (count, _))| *count >= 60), "too few lines ran");
    assert!(report.is_empty(), "{} lines differ\n{}", report.len(), report.join("\n"));
}
