//! The application on MySQL: what each release reads and writes by its name, as statements with values the schema accepts, and
//! answers that are looked at.

use super::case::Case;
use crate::support::MysqlSession;
use sidestep::engine::dialect;
use sidestep::model::{Catalog, Column, Engine, Ident, Table, TableName};
use sidestep::plan::{Act, Plan, Release, TableUse};
use sidestep::sql::mysql::statement::Statement;
use sidestep::sql::{self, Statement as Any};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// `new := expression over old columns`: what a trigger promises, or a release that writes both sides computes.
struct Made {
    table: TableName,
    column: Ident,
    value: String,
    reads: Vec<Ident>,
    /// The plan's trigger writes the old side, too.
    goes_back: bool,
}

/// What all clients know: the database before the script and after it.
pub struct World {
    before: Catalog,
    after: Option<Catalog>,
    made: Vec<Made>,
    values: BTreeMap<String, String>,
    quiet: Vec<String>,
    first: String,
    /// `child.column` → a value of the parent, as SQL.
    parents: BTreeMap<(TableName, Ident), String>,
    /// Rows that clients change: two values of the table's key.
    touched: BTreeMap<TableName, (Ident, [String; 2])>,
}

pub struct App {
    sql: MysqlSession,
    world: Arc<World>,
    next: u64,
    /// Whether what a trigger promises is looked at; not while triggers come and go.
    pub promises: bool,
    /// The longest that one statement took.
    pub slowest: (Duration, String),
    /// Whether it changes rows that others know: one client alone, or the clients would meet each other.
    pub shares: bool,
    backwards: bool,
}

pub const ID: fn(&Ident) -> String = |name| dialect(Engine::Mysql).ident(name);

fn list(names: &[Ident]) -> String {
    names.iter().map(ID).collect::<Vec<_>>().join(", ")
}

impl World {
    pub fn new(case: &Case, plan: &Plan, before: Catalog, after: Option<Catalog>, sql: &mut MysqlSession) -> Self {
        let mut made = Vec::new();
        for (_, step) in plan.steps() {
            let Act::Backfill { backfill, .. } = &step.act else { continue };
            let script = sql::parse(&backfill.batch, before.server.engine).unwrap();
            let Any::Mysql(found) = &script.statements[0].statement else { continue };
            let Statement::Update(rows) = &**found else { continue };
            let Some(table) = before.table(&backfill.table) else { continue };
            for (column, value) in &rows.assignments {
                let named = |c: &&Column| value.contains(&ID(&c.name)) || holds_word(value, c.name.as_str());
                let reads: Vec<Ident> = table.columns.iter().filter(named).map(|c| c.name.clone()).collect();
                if !reads.is_empty() && !reads.contains(column) && table.column(column).is_none() {
                    let (table, column) = (backfill.table.clone(), column.clone());
                    let sets = |c: &Ident| format!("SET NEW.{} =", ID(c));
                    let goes_back =
                        plan.steps().any(|(_, s)| s.sql().iter().any(|t| reads.iter().any(|c| t.contains(&sets(c)))));
                    made.push(Made { table, column, value: value.clone(), reads, goes_back });
                }
            }
        }
        let mut parents = BTreeMap::new();
        let mut touched = BTreeMap::new();
        for catalog in [Some(&before), after.as_ref()].into_iter().flatten() {
            for table in &catalog.tables {
                for key in table.constraints.iter().filter_map(|c| c.references.as_ref().map(|r| (c, r))) {
                    let (own, theirs) = (&key.0.columns, &key.1.columns);
                    for (own, theirs) in own.iter().zip(theirs) {
                        let from = format!("`{}`", key.1.table.name.as_str().replace('`', "``"));
                        let query = format!("SELECT QUOTE({0}) FROM {from} ORDER BY {0} LIMIT 1", ID(theirs));
                        let Ok(found) = sql.try_rows(&query) else { continue };
                        let Some(row) = found.first() else { continue };
                        parents.entry((table.name.clone(), own.clone())).or_insert_with(|| row[0].clone());
                    }
                }
            }
        }
        for table in &before.tables {
            let Some([key]) = table.primary_key().map(|k| k.columns.as_slice()) else { continue };
            let query = format!("SELECT QUOTE({0}) FROM {1} ORDER BY {0} DESC LIMIT 2", ID(key), ID(&table.name.name));
            if let Ok([one, two]) = <[Vec<String>; 2]>::try_from(sql.try_rows(&query).unwrap_or_default()) {
                touched.insert(table.name.clone(), (key.clone(), [one[0].clone(), two[0].clone()]));
            }
        }
        let first = plan.releases.first().map(|r| r.id.clone()).unwrap_or_default();
        let (values, quiet) = (case.values.clone(), case.quiet.clone());
        Self { before, after, made, values, quiet, first, parents, touched }
    }

    fn tables(&self, table: &TableName) -> Vec<&Table> {
        [Some(&self.before), self.after.as_ref()].into_iter().flatten().filter_map(|c| c.table(table)).collect()
    }

    fn columns(&self, table: &TableName, column: &Ident) -> Vec<&Column> {
        self.tables(table).into_iter().filter_map(|t| t.column(column)).collect()
    }

    fn touched(&self, table: &TableName) -> Option<(&Ident, &[String; 2])> {
        self.touched.get(table).map(|(c, v)| (c, v))
    }

    /// Whether clients change a row with this key, of whatever table: it may have another name by now.
    pub fn touches(&self, key: &str) -> bool {
        let own = |id: &String| key.split(',').any(|k| id.trim_matches('\'') == k);
        self.touched.values().any(|(_, ids)| ids.iter().any(own))
    }

    /// To the last byte: a collation takes `ann` for `ANN`.
    fn same(&self, table: &TableName, column: &Ident, value: &str) -> String {
        let text = |c: &&Column| ["char", "varchar", "text", "enum"].iter().any(|t| c.data_type.starts_with(t));
        match self.columns(table, column).iter().all(|c| text(&c)) {
            true => format!("CAST({} AS BINARY) <=> CAST(({value}) AS BINARY)", ID(column)),
            false => format!("{} <=> ({value})", ID(column)),
        }
    }

    /// The server gives the value, or the release may leave it out: the first release knows the old database alone, a later
    /// one what is to come.
    fn optional(&self, release: &str, table: &TableName, column: &Ident) -> bool {
        let may = |c: &Column| c.default.is_some() || !c.not_null || auto(c);
        let of = |c: Option<&Catalog>| c.and_then(|c| c.table(table)).and_then(|t| t.column(column)).map(may);
        let (old, new) = (of(Some(&self.before)), of(self.after.as_ref()));
        if release == self.first {
            return old.unwrap_or(false);
        }
        // What the server gives today is NULL, and tomorrow it takes none.
        let of = |c: Option<&Catalog>| c.and_then(|c| c.table(table)).and_then(|t| t.column(column)).cloned();
        let nothing = |c: Column| !c.not_null && c.default.is_none_or(|d| d.is_null());
        let refused =
            of(Some(&self.before)).is_some_and(nothing) && of(self.after.as_ref()).is_some_and(|c| c.not_null);
        !refused && old.unwrap_or(true) && new.unwrap_or(old.is_some())
    }

    fn value(&self, table: &TableName, column: &Ident, n: u64) -> Option<String> {
        let full = format!("{}.{}", table.name, column);
        if let Some(value) = self.values.get(&full).or_else(|| self.values.get(column.as_str())) {
            return Some(value.replace("{n}", &n.to_string()));
        }
        if let Some(value) = self.parents.get(&(table.clone(), column.clone())) {
            return Some(value.clone());
        }
        let types: Vec<&str> = self.columns(table, column).iter().map(|c| c.data_type.as_str()).collect();
        generated(&types, n)
    }
}

fn holds_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|w| w == word)
}

fn auto(column: &Column) -> bool {
    column.mysql.as_ref().is_some_and(|m| m.auto_increment)
}

/// A value that all of the types hold, another for each `n`.
fn generated(types: &[&str], n: u64) -> Option<String> {
    let mut value: Option<(u64, String)> = None;
    for data_type in types {
        let lower = data_type.to_lowercase();
        let word: String = lower.chars().take_while(char::is_ascii_alphabetic).collect();
        let number = |text: &str| text.split(['(', ',', ')']).nth(1).and_then(|d| d.trim().parse::<u64>().ok());
        let limit = number(&lower);
        // The narrower the type, the smaller its room; the narrowest gives the value.
        let (room, made) = match word.as_str() {
            "tinyint" => (100, format!("{}", n % 100)),
            "smallint" | "year" => {
                (30_000, if word == "year" { format!("{}", 1990 + n % 100) } else { format!("{}", n % 30_000) })
            }
            "mediumint" => (8_000_000, format!("{}", n % 8_000_000)),
            "int" | "bigint" | "double" | "float" => (u64::MAX / 2, format!("{n}")),
            "decimal" => {
                let room = 10u64.pow(limit.unwrap_or(10).saturating_sub(2).min(15) as u32).max(10);
                (room, format!("{}", n % room))
            }
            "char" | "varchar" | "text" | "tinytext" | "mediumtext" | "longtext" | "blob" | "varbinary" | "binary" => {
                let text = format!("s{n}");
                let keep = limit.map_or(text.len(), |l| text.len().min(l as usize));
                (limit.unwrap_or(u64::MAX), format!("'{}'", &text[text.len() - keep..]))
            }
            "enum" | "set" => {
                let labels: Vec<&str> = data_type.split('\'').skip(1).step_by(2).collect();
                let shared = types.iter().map(|t| t.split('\'').skip(1).step_by(2).collect::<Vec<_>>());
                let shared = labels.iter().filter(|l| shared.clone().all(|s| s.is_empty() || s.contains(l)));
                let shared: Vec<_> = shared.collect();
                (1, format!("'{}'", shared.get(n as usize % shared.len().max(1))?))
            }
            "date" => (1, format!("'2020-{:02}-{:02}'", 1 + n % 12, 1 + n % 28)),
            "datetime" | "timestamp" => (2, format!("'2020-{:02}-{:02} 10:{:02}:00'", 1 + n % 12, 1 + n % 28, n % 60)),
            "time" => (2, format!("'10:{:02}:{:02}'", n % 60, n % 59)),
            "json" => (u64::MAX, format!("'{{\"n\": {n}}}'")),
            "bit" => (1, "b'1'".to_owned()),
            "point" | "geometry" => (1, "ST_GeomFromText('POINT(1 2)')".to_owned()),
            _ => return None,
        };
        if value.as_ref().is_none_or(|(r, _)| room < *r) {
            value = Some((room, made));
        }
    }
    value.map(|(_, v)| v)
}

/// `=` is no answer for these.
fn comparable(column: &Column) -> bool {
    let lower = column.data_type.to_lowercase();
    !["json", "bit", "point", "geometry", "float", "double"].iter().any(|t| lower.starts_with(t))
        && !column.mysql.as_ref().is_some_and(|m| {
            lower.starts_with("longtext")
                && m.charset.as_deref() == Some("utf8mb4")
                && column.default.is_none()
                && m.collation.as_deref() == Some("utf8mb4_bin")
        })
}

impl App {
    pub fn new(world: &Arc<World>, sql: MysqlSession, next: u64) -> Self {
        let slowest = (Duration::ZERO, String::new());
        Self { sql, world: Arc::clone(world), next, promises: false, slowest, shares: true, backwards: false }
    }

    /// Everything the release does, each statement in a transaction of its own, and two rows in one.
    pub fn work(&mut self, release: &Release) -> Result<(), String> {
        for usage in &release.tables {
            self.work_on(release, usage)
                .map_err(|why| format!("{} cannot work on `{}`: {why}", release.id, usage.table))?;
        }
        Ok(())
    }

    fn work_on(&mut self, release: &Release, usage: &TableUse) -> Result<(), String> {
        let world = Arc::clone(&self.world);
        let name = ID(&usage.table.name);
        if !usage.reads.is_empty() {
            self.rows(&format!("SELECT {} FROM {name} LIMIT 3", list(&usage.reads)))?;
        }
        let tables = world.tables(&usage.table);
        if usage.writes.is_empty() || tables.is_empty() {
            return Ok(());
        }
        let generated = |c: &Ident| world.columns(&usage.table, c).iter().any(|c| c.generated.is_some());
        let writes: Vec<Ident> = usage.writes.iter().filter(|c| !generated(c)).cloned().collect();
        // The first release knows of no other day.
        let own = |c: &Ident| {
            let all = world.columns(&usage.table, c);
            if release.id == world.first {
                all.first().is_some_and(|c| auto(c))
            } else {
                !all.is_empty() && all.iter().all(|c| auto(c))
            }
        };
        let full: Vec<Ident> = writes.iter().filter(|c| !own(c)).cloned().collect();
        // What another column is computed from is sent along with it.
        let needed = |c: &Ident| {
            !world.optional(&release.id, &usage.table, c)
                || world.made.iter().any(|m| m.table == usage.table && m.reads.contains(c))
        };
        let lean: Vec<Ident> = full.iter().filter(|c| needed(c)).cloned().collect();
        let key = usage.reads.iter().chain(&usage.writes).find(|c| own(c)).cloned();
        let row = self.insert(usage, &full, key.as_ref())?;
        for column in full.iter().filter(|c| !row.key.contains(c)) {
            self.update(usage, &full, column, &row)?;
        }
        self.delete(usage, &row)?;
        if lean.len() < full.len() && !lean.is_empty() {
            let row = self.insert(usage, &lean, key.as_ref())?;
            // A release before the change sends NULL where it may, and leaves it be.
            if release.id == world.first {
                for column in
                    full.iter().filter(|c| world.columns(&usage.table, c).first().is_some_and(|c| !c.not_null))
                {
                    let into = format!("UPDATE {name} SET {} = NULL WHERE {}", ID(column), row.filter);
                    if !row.key.contains(column) && !world.parents.contains_key(&(usage.table.clone(), column.clone()))
                    {
                        self.rows(&into)?;
                    }
                }
            }
            self.delete(usage, &row)?;
        }
        self.two_rows(usage, &full)
    }

    fn insert(&mut self, usage: &TableUse, sent: &[Ident], auto: Option<&Ident>) -> Result<Row, String> {
        let world = Arc::clone(&self.world);
        self.next += 1;
        let value = |c: &Ident| world.value(&usage.table, c, self.next).ok_or(format!("no value for `{c}`"));
        let made = |c: &Ident| world.made(&usage.table, c, sent);
        let plain: Vec<&Ident> = sent.iter().filter(|c| made(c).is_none()).collect();
        let values = plain.iter().map(|c| value(c)).collect::<Result<Vec<_>, _>>()?;
        let inner: Vec<String> = plain.iter().zip(&values).map(|(c, v)| format!("{v} AS {}", ID(c))).collect();
        let outer: Vec<String> =
            sent.iter().map(|c| made(c).map_or_else(|| ID(c), |m| format!("({})", m.value))).collect();
        let name = ID(&usage.table.name);
        let sql = if plain.len() == sent.len() {
            format!("INSERT INTO {name} ({}) VALUES ({})", list(sent), values.join(", "))
        } else {
            format!(
                "INSERT INTO {name} ({}) SELECT {} FROM (SELECT {}) AS s",
                list(sent),
                outer.join(", "),
                inner.join(", ")
            )
        };
        self.rows(&sql)?;
        let primary = world.tables(&usage.table)[0].primary_key().map(|k| k.columns.clone()).unwrap_or_default();
        let row = match auto {
            Some(auto) => {
                let id = self.rows("SELECT LAST_INSERT_ID()")?[0][0].clone();
                Row { filter: format!("{} = {id}", ID(auto)), key: vec![auto.clone()] }
            }
            None => {
                let by = |c: &Ident| if primary.iter().any(|k| sent.contains(k)) { primary.contains(c) } else { true };
                let pairs = plain.iter().zip(&values).filter(|(c, _)| by(c));
                let filter: Vec<String> = pairs.clone().map(|(c, v)| format!("{} <=> {v}", ID(c))).collect();
                Row { filter: filter.join(" AND "), key: pairs.map(|(c, _)| (*c).clone()).collect() }
            }
        };
        let pairs = plain.into_iter().cloned().zip(values).collect::<Vec<_>>();
        self.holds(usage, &row, &pairs, sent)?;
        Ok(row)
    }

    fn update(&mut self, usage: &TableUse, written: &[Ident], column: &Ident, row: &Row) -> Result<(), String> {
        let world = Arc::clone(&self.world);
        // A release that writes both sides computes the new one whenever it changes the old one, never alone.
        if world.made(&usage.table, column, written).is_some() {
            return Ok(());
        }
        self.next += 1;
        let value = world.value(&usage.table, column, self.next).ok_or(format!("no value for `{column}`"))?;
        let mut set = vec![format!("{} = {value}", ID(column))];
        let mut names = vec![column.clone()];
        for made in written.iter().filter_map(|c| world.made(&usage.table, c, written)) {
            if made.reads.contains(column) {
                set.push(format!("{} = {}", ID(&made.column), made.value));
                names.push(made.column.clone());
            }
        }
        self.rows(&format!("UPDATE {} SET {} WHERE {}", ID(&usage.table.name), set.join(", "), row.filter))?;
        self.holds(usage, row, &[(column.clone(), value)], &names)
    }

    /// What was sent stands in the row, and both sides agree wherever something keeps them.
    fn holds(&mut self, usage: &TableUse, row: &Row, sent: &[(Ident, String)], set: &[Ident]) -> Result<(), String> {
        let world = Arc::clone(&self.world);
        let read = |c: &Ident| usage.reads.contains(c) && world.columns(&usage.table, c).iter().all(|c| comparable(c));
        let mut wanted: Vec<String> =
            sent.iter().filter(|(c, _)| read(c)).map(|(c, v)| world.same(&usage.table, c, v)).collect();
        if self.promises {
            let there = self.rows(&format!(
                "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '{}'",
                usage.table.name.as_str().replace('\'', "''")
            ))?;
            let there = |c: &Ident| there.iter().any(|r| r[0] == c.as_str());
            let kept = self.rows(&format!(
                "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = '{}' AND TRIGGER_NAME LIKE 'sidestep%'",
                usage.table.name.as_str().replace('\'', "''")
            ))?[0][0] == "2";
            for made in world.made.iter().filter(|m| m.table == usage.table && there(&m.column)) {
                let old = made.reads.iter().any(|c| set.contains(c));
                let both = set.contains(&made.column) && old;
                if made.reads.iter().all(there)
                    && (both || (kept && (old || (made.goes_back && set.contains(&made.column)))))
                {
                    let same = world.same(&usage.table, &made.column, &made.value);
                    wanted.push(format!("({same} OR ({}) IS NULL)", made.value));
                }
            }
        }
        let wanted = if wanted.is_empty() { "1".to_owned() } else { wanted.join(" AND ") };
        let sql = format!("SELECT {wanted} FROM {} WHERE {}", ID(&usage.table.name), row.filter);
        match self.rows(&sql)?.as_slice() {
            [one, ..] if one[0] == "1" => Ok(()),
            _ if world.quiet.iter().any(|t| t == usage.table.name.as_str()) => Ok(()),
            other => Err(format!("the row is not as it was written: {other:?}\nin: {sql}")),
        }
    }

    fn delete(&mut self, usage: &TableUse, row: &Row) -> Result<(), String> {
        let sql = format!("DELETE FROM {} WHERE {}", ID(&usage.table.name), row.filter);
        self.rows(&sql)?;
        let gone = self.rows("SELECT ROW_COUNT()")?[0][0].clone();
        if gone == "0" && !self.world.quiet.iter().any(|t| t == usage.table.name.as_str()) {
            return Err(format!("no row is deleted\nin: {sql}"));
        }
        Ok(())
    }

    /// Two rows in one transaction, in either order: whoever works in the order of the key meets it half the time.
    fn two_rows(&mut self, usage: &TableUse, written: &[Ident]) -> Result<(), String> {
        let world = Arc::clone(&self.world);
        let Some((key, values)) = world.touched(&usage.table).filter(|_| self.shares) else { return Ok(()) };
        let free = |c: &&Ident| {
            *c != key
                && world.made(&usage.table, c, written).is_none()
                && !world.made.iter().any(|m| m.reads.contains(c))
        };
        if !usage.reads.contains(key) {
            return Ok(());
        }
        let unique = |c: &Ident| {
            world.tables(&usage.table).iter().any(|t| t.indexes.iter().any(|i| i.unique && i.uses.contains(c)))
        };
        let Some(column) = written.iter().filter(free).find(|c| !unique(c)) else { return Ok(()) };
        self.next += 1;
        let value = world.value(&usage.table, column, self.next).ok_or(format!("no value for `{column}`"))?;
        self.backwards = !self.backwards;
        let mut order = values.iter().collect::<Vec<_>>();
        if self.backwards {
            order.reverse();
        }
        self.rows("START TRANSACTION")?;
        for id in order {
            let name = ID(&usage.table.name);
            self.rows(&format!("UPDATE {name} SET {} = {value} WHERE {} = {id}", ID(column), ID(key)))?;
        }
        self.rows("COMMIT").map(drop)
    }

    pub fn rows(&mut self, sql: &str) -> Result<Vec<Vec<String>>, String> {
        let began = Instant::now();
        let rows = self.sql.try_rows(sql).map_err(|why| format!("{} {}\nin: {sql}", why.code, why.message));
        if began.elapsed() > self.slowest.0 {
            self.slowest = (began.elapsed(), sql.to_owned());
        }
        if rows.is_err() {
            let _ = self.sql.try_run("ROLLBACK");
        }
        rows
    }
}

impl World {
    fn made(&self, table: &TableName, column: &Ident, written: &[Ident]) -> Option<&Made> {
        self.made
            .iter()
            .find(|m| m.table == *table && m.column == *column && m.reads.iter().all(|c| written.contains(c)))
    }
}

struct Row {
    filter: String,
    /// Columns that it is found by.
    key: Vec<Ident>,
}
