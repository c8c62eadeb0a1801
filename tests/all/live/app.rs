//! The application: for a release, the SELECT, INSERT and UPDATE statements it sends, with values the schema accepts.

use super::sample::{Column, columns_of, generated};
use crate::support::Session;
use crate::support::case::Case;
use sidestep::engine::dialect;
use sidestep::model::{Engine, Ident, TableName};
use sidestep::plan::{Act, Plan, Release, TableUse};
use sidestep::sql::{self, Statement};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// `new := expression over old columns`: what a release that writes both sides computes, and what a trigger promises.
struct Made {
    table: TableName,
    column: Ident,
    value: String,
    reads: Vec<Ident>,
    /// The plan's trigger writes the old side, too.
    goes_back: bool,
}

pub struct App {
    sql: Session,
    made: Vec<Made>,
    values: BTreeMap<String, String>,
    /// What the columns will have to bear once the script is carried out, from the database where it was.
    coming: Vec<(TableName, Column)>,
    /// The same of the tables as they were at first, with their keys: a view that takes a table's name shows neither.
    at_first: Vec<(TableName, Vec<Column>, Vec<Ident>)>,
    /// Key columns once the script is carried out: a key that a view shows by two names is one for both.
    coming_keys: Vec<(TableName, Vec<Ident>)>,
    /// Child and parent of every foreign key, in the end: a parent's row is written before its child's.
    parents: Vec<(String, String)>,
    /// Materialised views and the views on them, as SQL names them, that the script leaves where they are: they are read all
    /// the while.
    stored: Vec<String>,
    /// ` ON CONFLICT …` of the table at hand.
    conflict: String,
    /// Makes every generated value another one.
    pub next: u64,
    /// Whether what a trigger promises is looked at; not while another session may be changing triggers.
    pub promises: bool,
    /// The longest that one statement took.
    pub slowest: Duration,
}

/// The bit in `pg_trigger.tgtype`. A trigger that gives a first value keeps nothing in step on UPDATE.
#[derive(Clone, Copy)]
enum Event {
    Insert = 4,
    Update = 16,
}

/// Rows that are there before the plan and may be changed by the application: the first ones by key.
pub const TOUCHED: u64 = 40;

impl App {
    /// `naive` is a session on a database where the script was run as it was written.
    pub fn new(case: &Case, plan: &Plan, mut sql: Session, naive: &mut Session) -> Result<Self, String> {
        let mut made: Vec<Made> = Vec::new();
        for (_, step) in plan.steps() {
            let Act::Backfill { backfill, .. } = &step.act else { continue };
            let script =
                sql::parse(&backfill.batch.replace(":lo", "0").replace(":hi", "0"), Engine::Postgresql).unwrap();
            // A pass that deletes or copies makes no column out of its neighbours.
            let Statement::Update(update) = &script.statements[0].statement else { continue };
            for assignment in &update.assignments {
                let reads = assignment.value.columns.clone();
                if !reads.is_empty() && !reads.contains(&assignment.column) {
                    made.push(Made {
                        table: backfill.table.clone(),
                        column: assignment.column.clone(),
                        value: assignment.value.sql.clone(),
                        goes_back: reads.iter().any(|c| writes_back(plan, c)),
                        reads,
                    });
                }
            }
        }
        let mut coming = Vec::new();
        let tables: BTreeSet<&TableName> =
            plan.releases.iter().flat_map(|r| r.tables.iter().map(|u| &u.table)).collect();
        for table in tables {
            coming.extend(columns_of(naive, table)?.into_iter().map(|c| (table.clone(), c)));
        }
        let mut at_first = Vec::new();
        let mut coming_keys = Vec::new();
        for (table, _) in &coming {
            if !coming_keys.iter().any(|(t, _)| t == table) {
                coming_keys.push((table.clone(), key_of(naive, table)?));
            }
        }

        for usage in plan.releases.iter().flat_map(|r| &r.tables) {
            let table = &usage.table;
            let columns = columns_of(&mut sql, table)?;
            if !columns.is_empty() && !at_first.iter().any(|(t, _, _)| t == table) {
                let key = key_of(&mut sql, table)?;
                at_first.push((table.clone(), columns, key));
            }
        }
        // A table that goes had its parents, too.
        let mut parents: Vec<(String, String)> = Vec::new();
        for session in [&mut sql, naive] {
            let keys = "SELECT DISTINCT conrelid::regclass, confrelid::regclass FROM pg_constraint WHERE contype = 'f' AND conrelid <> confrelid";
            let rows = session.try_rows(keys).map_err(|why| why.message)?;
            parents.extend(rows.into_iter().map(|mut row| (std::mem::take(&mut row[0]), std::mem::take(&mut row[1]))));
        }
        let stored = stored_views(&mut sql)?;
        let kept = stored_views(naive)?;
        let stored = stored.into_iter().filter(|v| kept.contains(v)).collect();
        Ok(Self {
            sql,
            stored,
            made,
            values: case.values.clone(),
            coming,
            at_first,
            coming_keys,
            parents,
            conflict: String::new(),
            next: 1_000_000,
            promises: true,
            slowest: Duration::ZERO,
        })
    }

    /// Everything the release does, each statement in a transaction of its own.
    pub fn work(&mut self, release: &Release) -> Result<(), String> {
        for view in self.stored.clone() {
            self.run(&format!("SELECT * FROM {view} LIMIT 3"))?;
        }
        let mut left: Vec<&TableUse> = release.tables.iter().collect();
        while !left.is_empty() {
            let called = |t: &TableName| [t.name.as_str().to_owned(), name(t), id(&t.name)];
            let waits = |usage: &TableUse| {
                left.iter().any(|other| {
                    let (child, parent) = (called(&usage.table), called(&other.table));
                    other.table != usage.table
                        && self.parents.iter().any(|(c, p)| child.contains(c) && parent.contains(p))
                })
            };
            let at = left.iter().position(|usage| !waits(usage)).unwrap_or(0);
            let usage = left.remove(at);
            self.work_on(usage, &release.sql_shapes)
                .map_err(|why| format!("{} cannot work on `{}`: {why}", release.id, usage.table))?;
        }
        Ok(())
    }

    fn work_on(&mut self, usage: &TableUse, shapes: &[String]) -> Result<(), String> {
        // The plan may ask for an upsert.
        let start = format!("INSERT INTO {} (", name(&usage.table));
        let shape = shapes.iter().find(|s| s.starts_with(&start));
        self.conflict = shape.and_then(|s| s.find(" ON CONFLICT ").map(|at| s[at..].to_owned())).unwrap_or_default();
        let table = name(&usage.table);
        if !usage.reads.is_empty() {
            self.run(&format!("SELECT {} FROM {table} LIMIT 3", list(&usage.reads)))?;
        }
        if usage.writes.is_empty() {
            return Ok(());
        }
        let columns = self.columns(&usage.table)?;
        let written: Vec<&Column> = columns.iter().filter(|c| usage.writes.contains(&c.name)).collect();
        // What another column is computed from is sent along with it.
        let read = |c: &Column| self.made.iter().any(|m| m.table == usage.table && m.reads.contains(&c.name));
        let spare: Vec<&Column> = written.iter().copied().filter(|c| !c.has_default || read(c)).collect();
        self.insert(&usage.table, &columns, &written)?;
        if spare.len() < written.len() && !spare.is_empty() {
            self.insert(&usage.table, &columns, &spare)?;
        }
        let key = self.key(&usage.table)?;
        let later = self.coming_keys.iter().find(|(t, _)| *t == usage.table).map(|(_, k)| k.clone());
        let later = if self.is_view(&usage.table) { later.unwrap_or_default() } else { Vec::new() };
        for column in written.iter().filter(|c| !key.contains(&c.name) && !later.contains(&c.name)) {
            self.update(&usage.table, &written, column, &key)?;
        }
        Ok(())
    }

    fn insert(&mut self, table: &TableName, all: &[Column], written: &[&Column]) -> Result<(), String> {
        self.next += 1;
        let names: Vec<Ident> = written.iter().map(|c| c.name.clone()).collect();
        let sampled = written.iter().map(|c| format!("{} AS {}", self.sample(c), id(&c.name))).collect::<Vec<_>>();
        let sent = written.iter().map(|c| self.sent(table, c, &names)).collect::<Vec<_>>();
        let key = self.key(table)?;
        let order = if key.is_empty() { String::new() } else { format!("ORDER BY {}", list(&key)) };
        let offset = self.next % TOUCHED;
        let promise = self.promise(table, all, &names, &names, Event::Insert)?;
        let sql = format!(
            "INSERT INTO {t} ({cols}) SELECT {sent} FROM (SELECT {sampled} FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM {t} {order} LIMIT 1 OFFSET {offset}) r ON true) s{conflict} \
             RETURNING {promise}",
            conflict = self.conflict,
            t = name(table),
            cols = list(&names),
            sent = sent.join(", "),
            sampled = sampled.join(", "),
        );
        self.one_row(&sql)
    }

    fn update(&mut self, table: &TableName, written: &[&Column], column: &Column, key: &[Ident]) -> Result<(), String> {
        let names: Vec<Ident> = written.iter().map(|c| c.name.clone()).collect();
        // A release that writes both sides computes the new one whenever it changes the old one, never alone.
        if self.computed(table, &column.name, &names).is_some() {
            return Ok(());
        }
        self.next += 1;
        let set: Vec<&&Column> = written
            .iter()
            .filter(|c| {
                c.name == column.name
                    || self.computed(table, &c.name, &names).is_some_and(|m| m.reads.contains(&column.name))
            })
            .collect();
        let set_names: Vec<Ident> = set.iter().map(|c| c.name.clone()).collect();
        let sampled = written
            .iter()
            .map(|c| {
                let value = if c.name == column.name { self.sample(c) } else { format!("o.{}", id(&c.name)) };
                format!("{value} AS {}", id(&c.name))
            })
            .collect::<Vec<_>>();
        let sent = set.iter().map(|c| self.sent(table, c, &names)).collect::<Vec<_>>();
        let order = if key.is_empty() { String::new() } else { format!("ORDER BY {}", list(key)) };
        let offset = self.next % TOUCHED;
        let all = self.columns(table)?;
        let promise = self.promise(table, &all, &names, &set_names, Event::Update)?;
        let t = name(table);
        // A table may hold fewer rows than there are numbers.
        let offset = format!("(SELECT {offset} % greatest(count(*), 1) FROM {t})");
        let same = |this: &str| {
            let by_key = |(i, c): (usize, &Ident)| format!("{this}.{} = picked_{i}", id(c));
            if key.is_empty() {
                format!("{this}.tableoid = picked_table AND {this}.ctid = picked_row")
            } else {
                key.iter().enumerate().map(by_key).collect::<Vec<_>>().join(" AND ")
            }
        };
        let mut keys = key.iter().enumerate().map(|(i, c)| format!(", {} AS picked_{i}", id(c))).collect::<String>();
        if key.is_empty() {
            keys.push_str(", tableoid AS picked_table, ctid AS picked_row");
        }
        let sql = format!(
            "WITH picked AS (SELECT {c} AS picked_value{keys} FROM {t} {order} LIMIT 1 OFFSET {offset}) \
             UPDATE {t} SET ({cols}) = (SELECT {sent} FROM (SELECT {sampled} FROM {t} o LEFT JOIN (SELECT * FROM {t} {order} LIMIT 1 OFFSET {other}) r ON true WHERE {this}) s) \
             FROM picked WHERE {that} RETURNING {t}.{c}::text IS NOT DISTINCT FROM picked_value::text OR ({promise})",
            c = id(&column.name),
            this = same("o"),
            that = same(&t),
            other = (self.next + 1) % TOUCHED,
            cols = list(&set_names),
            sent = sent.join(", "),
            sampled = sampled.join(", "),
        );
        self.one_row(&sql)
    }

    fn one_row(&mut self, sql: &str) -> Result<(), String> {
        let began = Instant::now();
        let rows = self.sql.try_rows(sql).map_err(|why| format!("{} {}\nin: {sql}", why.code, why.message))?;
        self.slowest = self.slowest.max(began.elapsed());
        match rows.as_slice() {
            [row] if row[0] == "t" => Ok(()),
            [row] => Err(format!("the sides do not agree: {row:?}\nin: {sql}")),
            _ => Err(format!("{} rows\nin: {sql}", rows.len())),
        }
    }

    fn computed(&self, table: &TableName, column: &Ident, written: &[Ident]) -> Option<&Made> {
        self.made
            .iter()
            .find(|m| m.table == *table && m.column == *column && m.reads.iter().all(|c| written.contains(c)))
    }

    fn sent(&self, table: &TableName, column: &Column, written: &[Ident]) -> String {
        match self.computed(table, &column.name, written) {
            Some(made) => format!("({})", made.value),
            None => format!("s.{}", id(&column.name)),
        }
    }

    /// What must hold for the row just written: both sides agree wherever a trigger or the release itself keeps them.
    fn promise(
        &mut self,
        table: &TableName,
        all: &[Column],
        written: &[Ident],
        set: &[Ident],
        event: Event,
    ) -> Result<String, String> {
        let kept = self.sql.value(&format!(
            "SELECT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = {}::regclass AND tgname LIKE '%sidestep%' AND tgname NOT LIKE '{}' AND tgtype & {} <> 0)",
            dialect(Engine::Postgresql).literal(&name(table)),
            if matches!(event, Event::Update) { "%\\_fill" } else { "" },
            event as u8
        )) == "t";
        let there = |c: &Ident| all.iter().any(|a| a.name == *c);
        let mut held = vec!["true".to_owned()];
        for made in self.made.iter().filter(|m| m.table == *table && there(&m.column) && m.reads.iter().all(there)) {
            let old_is_sent = made.reads.iter().all(|c| written.contains(c));
            let both = written.contains(&made.column) && made.reads.iter().all(|c| written.contains(c));
            let touched = set.contains(&made.column) || made.reads.iter().any(|c| set.contains(c));
            if self.promises && touched && (both || kept && (old_is_sent || made.goes_back)) {
                let new = format!("{}.{}", name(table), id(&made.column));
                let from_old = qualified(made, table);
                // A way back that was derived may take nothing for an empty text.
                held.push(if old_is_sent {
                    format!("{new} IS NOT DISTINCT FROM ({from_old})")
                } else {
                    format!("COALESCE({new}::text, '') = COALESCE(({from_old})::text, '')")
                });
            }
        }
        Ok(held.join(" AND "))
    }

    fn sample(&self, column: &Column) -> String {
        let n = self.next;
        let typed = format!("{} {}", column.name.as_str(), column.data_type);
        if let Some(value) = self.values.get(&typed).or_else(|| self.values.get(column.name.as_str())) {
            return value.replace("{n}", &n.to_string());
        }
        let own = format!("r.{}", id(&column.name));
        if let Some(free) = &column.free {
            // With an upsert any parent will do: one that the application made.
            if let (false, Some(target)) = (self.conflict.is_empty(), &column.target) {
                return target.replace("ORDER BY 1 LIMIT 1", "ORDER BY 1 DESC LIMIT 1");
            }
            return free.clone();
        }
        if let (Some(target), false) = (&column.target, column.distinct) {
            return format!("COALESCE({own}, {target})");
        }
        match (generated(&column.data_type, n), column.distinct, column.copied) {
            (Some(value), true, _) => value,
            (Some(value), false, false) => format!("COALESCE({own}, {value})"),
            _ => own,
        }
    }

    fn key(&mut self, table: &TableName) -> Result<Vec<Ident>, String> {
        let key = key_of(&mut self.sql, table)?;
        let first = self.at_first.iter().find(|(t, _, _)| t == table).map(|(_, _, key)| key.clone());
        let first = first.unwrap_or_default();
        if !key.is_empty() || first.is_empty() {
            return Ok(key);
        }
        if self.is_view(table) {
            return Ok(first);
        }
        // The view that had no key may have become the table that has one, in between.
        key_of(&mut self.sql, table)
    }

    fn is_view(&mut self, table: &TableName) -> bool {
        let named = dialect(Engine::Postgresql).literal(&name(table));
        self.sql.value(&format!(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass({named}) AND relkind = 'v')"
        )) == "t"
    }

    fn columns(&mut self, table: &TableName) -> Result<Vec<Column>, String> {
        let before = self.is_view(table);
        let mut columns = columns_of(&mut self.sql, table)?;
        let first =
            (before || self.is_view(table)).then(|| self.at_first.iter().find(|(t, _, _)| t == table)).flatten();
        for column in &mut columns {
            if let Some(first) = first.and_then(|(_, all, _)| all.iter().find(|c| c.name == column.name)) {
                (column.has_default, column.distinct, column.copied) =
                    (first.has_default, first.distinct, first.copied);
                column.target.clone_from(&first.target);
            }
            let coming = |name: &Ident| self.coming.iter().find(|(t, c)| t == table && c.name == *name).map(|(_, c)| c);
            if let Some(later) = coming(&column.name) {
                column.distinct = later.distinct || (column.distinct && later.target.is_none());
                column.copied |= later.copied;
                column.target = column.target.take().or_else(|| later.target.clone());
                column.free = column.free.take().or_else(|| later.free.clone());
            }
            // What is computed from this one will have to be distinct.
            column.distinct |= self.made.iter().any(|m| {
                m.table == *table && m.reads.contains(&column.name) && coming(&m.column).is_some_and(|c| c.distinct)
            });
        }
        Ok(columns)
    }

    fn run(&mut self, sql: &str) -> Result<(), String> {
        self.sql.try_run(sql).map_err(|why| format!("{} {}\nin: {sql}", why.code, why.message))
    }
}

fn writes_back(plan: &Plan, old: &Ident) -> bool {
    let sets = format!("NEW.{} :=", id(old));
    plan.steps().any(|(_, s)| s.sql().iter().any(|sql| sql.contains(&sets)))
}

/// Columns of the primary key, or of no key.
pub fn key_of(sql: &mut Session, table: &TableName) -> Result<Vec<Ident>, String> {
    let sql_text = format!(
        "SELECT a.attname FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, o), pg_attribute a
         WHERE i.indrelid = {}::regclass AND i.indisprimary AND a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.o",
        dialect(Engine::Postgresql).literal(&name(table))
    );
    let rows = sql.try_rows(&sql_text).map_err(|why| format!("{why:?}"))?;
    Ok(rows.into_iter().map(|mut row| Ident(row.swap_remove(0))).collect())
}

/// Materialised views that can be read, and the views on them.
fn stored_views(sql: &mut Session) -> Result<Vec<String>, String> {
    let rows = sql.try_rows(
        "SELECT c.oid::regclass FROM pg_class c WHERE c.relispopulated AND (c.relkind = 'm' OR c.relkind = 'v' AND EXISTS (
           SELECT FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
             JOIN pg_class m ON d.refclassid = 'pg_class'::regclass AND m.oid = d.refobjid
            WHERE w.ev_class = c.oid AND m.relkind = 'm' AND m.relispopulated))",
    );
    Ok(rows.map_err(|why| why.message)?.into_iter().map(|mut row| row.swap_remove(0)).collect())
}

/// The expression with its columns qualified by the table, for RETURNING beside other relations.
fn qualified(made: &Made, table: &TableName) -> String {
    let expression = sql::expression(&made.value);
    sql::rename_column_in(&expression, &|c| Some(format!("{}.{}", name(table), id(c)))).unwrap_or(made.value.clone())
}

pub fn id(name: &Ident) -> String {
    dialect(Engine::Postgresql).ident(name)
}

pub fn name(table: &TableName) -> String {
    dialect(Engine::Postgresql).name(table)
}

pub fn list(names: &[Ident]) -> String {
    dialect(Engine::Postgresql).idents(names)
}
