//! Lines of `tests/facts/mysql_*.sql`: `[mysql 8.0, mariadb] {sql_mode=…} STATEMENT -- refused: CODE`, and the fixture's tables.

use super::shape::facts_file;
use std::collections::BTreeMap;

/// One statement that is judged and run.
#[derive(Debug, Clone)]
pub struct MysqlShape {
    pub sql: String,
    /// A setting of the session that decides.
    pub setting: Option<(String, String)>,
    /// Codes of a refusal that no catalog can foresee: the data, a setting of the server.
    pub refused: Vec<String>,
    on: String,
}

impl MysqlShape {
    fn read(line: &str) -> Self {
        let (mut sql, mut on, mut setting) = (line, "mysql, mariadb", None);
        if let Some((range, rest)) = sql.strip_prefix('[').and_then(|l| l.split_once("] ")) {
            (on, sql) = (range, rest);
        }
        if let Some((pair, rest)) = sql.strip_prefix('{').and_then(|l| l.split_once("} ")) {
            setting = pair.split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned()));
            sql = rest;
        }
        let (sql, codes) = sql.split_once(" -- refused: ").unwrap_or((sql, ""));
        let refused = codes.split('|').filter(|c| !c.is_empty()).map(str::to_owned).collect();
        Self { sql: whole(sql), setting, refused, on: on.to_owned() }
    }

    pub fn is_for(&self, mariadb: bool, version: (u16, u16, u16)) -> bool {
        is_on(&self.on, mariadb, version)
    }
}

/// `@255@` stands for as many members.
fn whole(sql: &str) -> String {
    let members: Vec<String> = (1..=255).map(|i| format!("'{i}'")).collect();
    sql.replace("@255@", &members.join(","))
}

fn is_on(list: &str, mariadb: bool, version: (u16, u16, u16)) -> bool {
    list.split(',').any(|one| {
        let (name, since) = one.trim().split_once(' ').unwrap_or((one.trim(), "0"));
        let mut numbers = since.split('.').map(|n| n.parse().unwrap()).chain([0, 0]);
        let since = (numbers.next().unwrap(), numbers.next().unwrap(), numbers.next().unwrap());
        (name == "mariadb") == mariadb && version >= since
    })
}

pub fn mysql_shapes() -> Vec<MysqlShape> {
    let lines = facts_file("mysql_shapes.sql").lines().map(str::trim);
    lines.filter(|l| !l.is_empty() && !l.starts_with("--")).map(MysqlShape::read).collect()
}

/// Every statement of the fixture that this server understands, with the table it is of, in order.
pub fn mysql_fixture(mariadb: bool, version: (u16, u16, u16)) -> Vec<(String, String)> {
    let mut applies = true;
    let mut found = Vec::new();
    for line in facts_file("mysql_fixture.sql").lines().map(str::trim).filter(|l| !l.is_empty()) {
        if let Some(list) = line.strip_prefix("-- on ") {
            applies = is_on(list, mariadb, version);
        } else if !line.starts_with("--") && applies {
            let words: Vec<&str> = line.split_whitespace().collect();
            let name = match words[..] {
                ["CREATE", "TRIGGER", _, _, _, "ON", table, ..] => table,
                [_, _, name, ..] => name,
                _ => panic!("{line}"),
            };
            found.push((name.to_owned(), whole(line)));
        }
    }
    found
}

/// The fixture by table.
pub fn by_table(fixture: &[(String, String)]) -> BTreeMap<&str, Vec<&str>> {
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, sql) in fixture {
        tables.entry(name).or_default().push(sql);
    }
    tables
}
