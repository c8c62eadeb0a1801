//! The application: for a release, the SELECT, INSERT and UPDATE statements it sends, with values the schema accepts.

use crate::support::Session;
use crate::support::case::Case;
use sidestep::engine::dialect;
use sidestep::model::{Engine, Ident, TableName};
use sidestep::plan::{Act, Plan, Release, TableUse};
use sidestep::sql::{self, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// `new := expression over old columns`: what a release that writes both sides computes, and what a trigger promises.
struct Made {
    table: TableName,
    column: Ident,
    value: String,
    reads: Vec<Ident>,
}

pub struct App {
    sql: Session,
    made: Vec<Made>,
    values: BTreeMap<String, String>,
    /// What the columns will have to bear once the script is carried out, from the database where it was.
    coming: Vec<(TableName, Column)>,
    /// Makes every generated value another one.
    next: u64,
}

/// Rows that are there before the plan and may be changed by the application: the first ones by key.
pub const TOUCHED: u64 = 40;

struct Column {
    name: Ident,
    data_type: String,
    has_default: bool,
    /// Alone able to keep a unique index happy.
    distinct: bool,
    /// A CHECK or a partition key wants a value that is there already.
    copied: bool,
    /// A value that the foreign key finds.
    target: Option<String>,
}

impl App {
    /// `naive` is a session on a database where the script was run as it was written.
    pub fn new(case: &Case, plan: &Plan, sql: Session, naive: &mut Session) -> Result<Self, String> {
        let mut made: Vec<Made> = Vec::new();
        for (_, step) in plan.steps() {
            let Act::Backfill { backfill, .. } = &step.act else { continue };
            let script =
                sql::parse(&backfill.batch.replace(":lo", "0").replace(":hi", "0"), Engine::Postgresql).unwrap();
            let Statement::Update(update) = &script.statements[0].statement else { panic!("{}", backfill.batch) };
            for assignment in &update.assignments {
                let reads = assignment.value.columns.clone();
                if !reads.is_empty() && !reads.contains(&assignment.column) {
                    made.push(Made {
                        table: backfill.table.clone(),
                        column: assignment.column.clone(),
                        value: assignment.value.sql.clone(),
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
        Ok(Self { sql, made, values: case.values.clone(), coming, next: 1_000_000 })
    }

    /// Everything the release does, each statement in a transaction of its own.
    pub fn work(&mut self, release: &Release) -> Result<(), String> {
        release.tables.iter().try_for_each(|usage| {
            self.work_on(usage).map_err(|why| format!("{} cannot work on `{}`: {why}", release.id, usage.table))
        })
    }

    fn work_on(&mut self, usage: &TableUse) -> Result<(), String> {
        let table = name(&usage.table);
        if !usage.reads.is_empty() {
            self.run(&format!("SELECT {} FROM {table} LIMIT 3", list(&usage.reads)))?;
        }
        if usage.writes.is_empty() {
            return Ok(());
        }
        let columns = self.columns(&usage.table)?;
        let written: Vec<&Column> = columns.iter().filter(|c| usage.writes.contains(&c.name)).collect();
        let spare: Vec<&Column> = written.iter().copied().filter(|c| !c.has_default).collect();
        self.insert(&usage.table, &columns, &written)?;
        if spare.len() < written.len() && !spare.is_empty() {
            self.insert(&usage.table, &columns, &spare)?;
        }
        let key = self.key(&usage.table)?;
        for column in written.iter().filter(|c| !key.contains(&c.name)) {
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
        let promise = self.promise(table, all, &names, &names)?;
        let sql = format!(
            "INSERT INTO {t} ({cols}) SELECT {sent} FROM (SELECT {sampled} FROM (SELECT * FROM {t} {order} LIMIT 1 OFFSET {offset}) r) s \
             RETURNING {promise}",
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
        let promise = self.promise(table, &all, &names, &set_names)?;
        let t = name(table);
        // tableoid and ctid find the row of a table without a key, and of a partitioned one.
        let sql = format!(
            "WITH picked AS (SELECT tableoid AS picked_table, ctid AS picked_row, {c} AS picked_value FROM {t} {order} LIMIT 1 OFFSET {offset}) \
             UPDATE {t} SET ({cols}) = (SELECT {sent} FROM (SELECT {sampled} FROM {t} o, (SELECT * FROM {t} {order} LIMIT 1 OFFSET {other}) r \
             WHERE o.tableoid = picked_table AND o.ctid = picked_row) s) \
             FROM picked WHERE {t}.tableoid = picked_table AND {t}.ctid = picked_row \
             RETURNING {t}.{c}::text IS NOT DISTINCT FROM picked_value::text OR ({promise})",
            c = id(&column.name),
            other = (offset + 1) % TOUCHED,
            cols = list(&set_names),
            sent = sent.join(", "),
            sampled = sampled.join(", "),
        );
        // Before 10 a single column in parentheses needs ROW; all our servers accept the subquery form.
        self.one_row(&sql)
    }

    fn one_row(&mut self, sql: &str) -> Result<(), String> {
        let rows = self.sql.try_rows(sql).map_err(|why| format!("{} {}\nin: {sql}", why.code, why.message))?;
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
    ) -> Result<String, String> {
        let kept = self.sql.value(&format!(
            "SELECT EXISTS (SELECT 1 FROM pg_trigger WHERE tgrelid = {}::regclass AND tgname LIKE '%sidestep%')",
            dialect(Engine::Postgresql).literal(&name(table))
        )) == "t";
        let there = |c: &Ident| all.iter().any(|a| a.name == *c);
        let mut held = vec!["true".to_owned()];
        for made in self.made.iter().filter(|m| m.table == *table && there(&m.column) && m.reads.iter().all(there)) {
            let both = written.contains(&made.column) && made.reads.iter().all(|c| written.contains(c));
            let touched = set.contains(&made.column) || made.reads.iter().any(|c| set.contains(c));
            if touched && (both || kept) {
                let new = format!("{}.{}", name(table), id(&made.column));
                let from_old = qualified(made, table);
                let old_is_sent = made.reads.iter().all(|c| written.contains(c));
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
        if let Some(value) = self.values.get(column.name.as_str()) {
            return value.replace("{n}", &n.to_string());
        }
        let own = format!("r.{}", id(&column.name));
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
        key_of(&mut self.sql, table)
    }

    fn columns(&mut self, table: &TableName) -> Result<Vec<Column>, String> {
        let mut columns = columns_of(&mut self.sql, table)?;
        for column in &mut columns {
            let coming = |name: &Ident| self.coming.iter().find(|(t, c)| t == table && c.name == *name).map(|(_, c)| c);
            if let Some(later) = coming(&column.name) {
                column.distinct = later.distinct || (column.distinct && later.target.is_none());
                column.copied |= later.copied;
                column.target = column.target.take().or_else(|| later.target.clone());
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

/// The table's columns, and what a value for each has to satisfy.
fn columns_of(session: &mut Session, table: &TableName) -> Result<Vec<Column>, String> {
    let sql = format!(
        "WITH t AS (SELECT to_regclass({}) AS oid)
         SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atthasdef OR a.attidentity <> '',
                EXISTS (SELECT 1 FROM pg_index i, t WHERE i.indrelid = t.oid AND i.indisunique AND (
                          (i.indexprs IS NULL AND a.attnum = (SELECT k.n FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(n, o)
                             WHERE NOT EXISTS (SELECT 1 FROM pg_constraint f WHERE f.conrelid = t.oid AND f.contype = 'f' AND k.n = ANY (f.conkey))
                               AND NOT EXISTS (SELECT 1 FROM pg_partitioned_table p WHERE p.partrelid = t.oid AND k.n = ANY (p.partattrs))
                             ORDER BY k.o LIMIT 1))
                          OR (i.indexprs IS NOT NULL AND strpos(pg_get_indexdef(i.indexrelid), a.attname) > 0))),
                EXISTS (SELECT 1 FROM pg_constraint f, t WHERE f.conrelid = t.oid AND f.contype = 'c' AND a.attnum = ANY (f.conkey))
                  OR EXISTS (SELECT 1 FROM pg_partitioned_table p, t WHERE p.partrelid = t.oid AND a.attnum = ANY (p.partattrs)),
                (SELECT format('(SELECT %I FROM %s ORDER BY 1 LIMIT 1)', r.attname, f.confrelid::regclass)
                 FROM pg_constraint f, t, pg_attribute r WHERE f.conrelid = t.oid AND f.contype = 'f' AND f.conkey = ARRAY[a.attnum]
                 AND r.attrelid = f.confrelid AND r.attnum = f.confkey[1] LIMIT 1)
         FROM pg_attribute a, t WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        dialect(Engine::Postgresql).literal(&name(table))
    );
    let rows = session.try_rows(&sql).map_err(|why| format!("{why:?}"))?;
    Ok(rows
        .into_iter()
        .map(|row| Column {
            name: row[0].as_str().into(),
            data_type: row[1].clone(),
            has_default: row[2] == "t",
            distinct: row[3] == "t",
            copied: row[4] == "t",
            target: (row[5] != "∅").then(|| row[5].clone()),
        })
        .collect())
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

/// The expression with its columns qualified by the table, for RETURNING beside other relations.
fn qualified(made: &Made, table: &TableName) -> String {
    let expression = sql::expression(&made.value);
    sql::rename_column_in(&expression, &|c| Some(format!("{}.{}", name(table), id(c)))).unwrap_or(made.value.clone())
}

/// A value of the type that differs for every `n`; none for a type this does not know.
fn generated(data_type: &str, n: u64) -> Option<String> {
    let (base, limit) = match data_type.split_once('(') {
        Some((base, rest)) => (base, rest.split([')', ',']).next().and_then(|l| l.parse::<u64>().ok())),
        None => (data_type, None),
    };
    if data_type.ends_with("[]") {
        return Some(format!("'{{}}'::{data_type}"));
    }
    let value = match base {
        "integer" | "bigint" | "real" | "double precision" | "oid" => format!("{n}"),
        "smallint" => format!("{}", n % 30_000),
        "numeric" => match limit {
            Some(digits) if digits < 8 => format!("{}", n % 10u64.pow(digits.saturating_sub(3) as u32)),
            _ => format!("{n}"),
        },
        "text" | "character varying" | "character" => {
            let text = format!("s{n}");
            let keep = limit.map_or(text.len(), |l| text.len().min(l as usize));
            format!("'{}'", &text[text.len() - keep..])
        }
        "boolean" => format!("{}", n.is_multiple_of(2)),
        "date" => format!("date '2001-01-01' + {}", n % 9_000),
        "timestamp with time zone" | "timestamp without time zone" => {
            format!("timestamp '2001-01-01' + interval '{n} seconds'")
        }
        "interval" => format!("interval '{n} seconds'"),
        "uuid" => format!("md5('{n}')::uuid"),
        "json" | "jsonb" => format!("'{{\"n\":{n}}}'"),
        "bytea" => format!("decode(md5('{n}'), 'hex')"),
        _ => return None,
    };
    Some(format!("({value})::{data_type}"))
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
