//! Another type for a key and for everything that references it: `integer` to `bigint` before the numbers run out, text
//! that spells a `uuid` to `uuid`.

use super::form::Spec;
use super::recipe::key_family::{back, conversion, downwards, is_key, put_aside};
use super::recipe::lock_all;
use super::recipe::together::{Back, Together, Wanted, counter};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::{Column, ConstraintKind, Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::{self, SequenceOption, Statement, canonical_type};
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq)]
pub struct KeyType {
    /// `integer`, `bigint` or `uuid`.
    data_type: String,
    columns: Vec<Member>,
}

#[derive(Debug, Clone, PartialEq)]
struct Member {
    table: TableName,
    column: Ident,
    /// The script names it; the others reference one that it names.
    named: bool,
}

impl Kind for KeyType {
    const NAME: &'static str = "key-type";
    const TITLE: &'static str = "Change the type of a key with everything that references it";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=categories} ALTER COLUMN {column:column=id} TYPE {type:type=bigint};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims: Vec<Claim<Self>> = Vec::new();
        for (_, table, action) in wish.alters() {
            let Some((column, data_type)) = conversion(wish.catalog, table, action) else { continue };
            if !is_key(wish.catalog, table, &column) || claims.iter().any(|c| c.change.holds(table, &column)) {
                continue;
            }
            claims.push(Self::around(wish, table, &column, &data_type));
        }
        claims
    }

    fn title(&self) -> String {
        let name = |m: &Member| format!("`{}.{}`", m.table, m.column);
        let first = self.columns.first().map(name).unwrap_or_default();
        match self.columns.len() {
            1 => format!("Change the key {first} to `{}`", self.data_type),
            n => format!("Change {first} and {} that hold its values to `{}`", columns(n - 1), self.data_type),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        let mut tables: Vec<TableName> = self.columns.iter().map(|m| m.table.clone()).collect();
        tables.sort();
        tables.dedup();
        tables
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let catalog = b.catalog;
        let mut wanted = Vec::new();
        for member in &self.columns {
            let table = catalog.table(&member.table).ok_or_else(|| created_here(&member.table))?;
            let column = table.column(&member.column).ok_or_else(|| created_here(&member.table))?;
            wanted.push((table, column));
        }
        self.planned_along(b);
        self.runways(b, &wanted);
        if self.data_type == "uuid" {
            self.spelled(b, &wanted)?;
        }
        let direct: Vec<Option<String>> = wanted.iter().map(|(t, _)| b.direct(t)).collect();
        if let Some(Some(reason)) =
            direct.first().filter(|_| direct.iter().all(Option::is_some) && self.data_type != "uuid")
        {
            self.in_one_go(b, &wanted);
            return Ok(reason.clone());
        }
        let wanted = wanted
            .into_iter()
            .map(|(table, column)| Wanted {
                table,
                column,
                data_type: self.data_type.clone(),
                forward: sql::expression(&format!("{}::{}", b.id(&column.name), self.data_type)),
                back: back(&column.data_type, &self.data_type).unwrap_or(Back::LowBits),
            })
            .collect();
        let together = Together::new(b, wanted)?;
        b.finding(
            Severity::Note,
            if self.data_type == "uuid" {
                "From the cut-over until Contract the old columns follow the new ones, each value spelled as text: the way back stays open."
            } else {
                "From the cut-over until Contract the old columns hold the low bits of the new ones: the same value while it fits, another beyond. With the first value beyond the old type the way back ends; nothing else does."
            },
        );
        self.releases(b);
        self.warn(b);
        let swapped = together.plan(b)?;
        for member in &self.columns {
            let before = catalog.table(&member.table).and_then(|t| t.column(&member.column));
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::After(swapped),
                because: format!(
                    "expects `{}.{}` as `{}`",
                    member.table,
                    member.column,
                    before.map(|c| c.data_type.as_str()).unwrap_or_default()
                ),
            });
        }
        Ok("online: second columns beside all of them, exchanged in one short transaction".to_owned())
    }
}

fn columns(count: usize) -> String {
    if count == 1 { "1 column".to_owned() } else { format!("{count} columns") }
}

impl KeyType {
    fn holds(&self, table: &TableName, column: &Ident) -> bool {
        self.columns.iter().any(|m| m.table == *table && m.column == *column)
    }

    /// The column, what references it at any depth, and every other column of the script that belongs to the same keys.
    fn around(wish: &Wish, table: &TableName, column: &Ident, data_type: &str) -> Claim<Self> {
        let wished: Vec<(usize, TableName, Ident)> = wish
            .alters()
            .filter_map(|(at, t, action)| {
                let (c, to) = conversion(wish.catalog, t, action)?;
                (to == data_type).then(|| (at, t.clone(), c))
            })
            .collect();
        let mut found: BTreeSet<(TableName, Ident)> = downwards(wish.catalog, table, column, data_type);
        // Another key of the script that shares a column with this one is one change with it.
        loop {
            let before = found.len();
            for (_, t, c) in wished.iter().filter(|(_, t, c)| is_key(wish.catalog, t, c)) {
                let reach = downwards(wish.catalog, t, c, data_type);
                if reach.iter().any(|r| found.contains(r)) {
                    found.extend(reach);
                }
            }
            if found.len() == before {
                break;
            }
        }
        let mut atoms: Vec<usize> = Vec::new();
        let mut members = Vec::new();
        for (t, c) in &found {
            let at = wished.iter().filter(|(_, wt, wc)| wt == t && wc == c).map(|(at, _, _)| *at);
            let before = atoms.len();
            atoms.extend(at);
            members.push(Member { table: t.clone(), column: c.clone(), named: atoms.len() > before });
        }
        // What the script names first, its keys before what references them.
        members.sort_by_key(|m| (!m.named, m.table != *table || m.column != *column));
        for (at, statement) in wish.statements() {
            let Statement::AlterSequence { name, options } = statement else { continue };
            let [SequenceOption::As(to)] = options.as_slice() else { continue };
            let sequence = name.resolve(wish.catalog);
            let owner = wish.catalog.sequences.iter().find(|s| s.name == sequence).and_then(|s| s.owned_by.as_ref());
            let ours = owner.is_some_and(|o| found.contains(&(o.table.clone(), o.column.clone())));
            if ours && canonical_type(to) == data_type {
                atoms.push(at);
            }
        }
        for (t, c) in &found {
            for (child, key) in wish.catalog.referenced_by(t) {
                if key.references.as_ref().is_some_and(|r| r.columns.contains(c)) {
                    atoms.extend(put_aside(wish, child, key));
                }
            }
        }
        atoms.sort_unstable();
        atoms.dedup();
        Claim { atoms, change: Self { data_type: data_type.to_owned(), columns: members } }
    }

    fn releases(&self, b: &mut Builder) {
        for table in self.tables() {
            let mine: Vec<String> =
                self.columns.iter().filter(|m| m.table == table).map(|m| format!("`{}`", m.column)).collect();
            b.need(
                Need::new(Slot::Tolerate, Placement::Fixed, &table)
                    .say(format!(
                        "Bear {} of `{table}` as `{}`: variables, parameters, decoders, caches, messages, columns of other stores.",
                        mine.join(", "),
                        self.data_type
                    ))
                    .orm("javascript", "Numbers beyond 2^53 lose digits: read the key as a string or a BigInt")
                    .orm("prepared statements", "A cached plan fails once with `cached plan must not change result type` at the cut-over: retry once, or recycle connections"),
            );
        }
    }

    fn planned_along(&self, b: &mut Builder) {
        for along in self.columns.iter().filter(|m| !m.named) {
            b.ends_otherwise(
                &along.table,
                Some(&along.column),
                format!(
                    "`{}.{}` references the key and could not hold its next values: planned along, though the script does not name it.",
                    along.table, along.column
                ),
            );
        }
    }

    /// Texts that are to become `uuid`: each has to spell one as the server prints it, or the old column could not follow.
    fn spelled(&self, b: &mut Builder, wanted: &[(&Table, &Column)]) -> Result<(), Refusal> {
        for (table, column) in wanted {
            let (t, c) = (b.name(&table.name), b.id(&column.name));
            let refuse = |what: &str| {
                Err(Refusal::new(
                    format!(
                        "`{}.{}` has {what} made for text, which does not stand on `uuid`",
                        table.name, column.name
                    ),
                    "Drop it first, in a plan of its own, and add what you need afterwards.",
                ))
            };
            if column.default.is_some() {
                return refuse("a default");
            }
            if table.constraints.iter().any(|k| k.kind == ConstraintKind::Check && k.columns.contains(&column.name)) {
                return refuse("a CHECK");
            }
            let odd = |i: &&crate::model::Index| {
                i.uses.contains(&column.name)
                    && (i.has_expressions || i.definition.contains("_ops") || i.definition.contains(" COLLATE "))
            };
            if table.indexes.iter().any(|i| odd(&i)) {
                return refuse("an index");
            }
            b.push(
                Draft::verify(
                    PhaseName::Prepare,
                    Rank::Check,
                    format!("Every `{}` of `{}` spells a uuid as the server does", column.name, table.name),
                    format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {c}::text <> {c}::uuid::text)"),
                )
                .why("Lower case with hyphens: after the cut-over the old column is written from the new one, and has to come out the same.")
                .on(&table.name),
            );
        }
        Ok(())
    }

    /// How far each counter has come, and what to do if it runs out first.
    fn runways(&self, b: &mut Builder, wanted: &[(&Table, &Column)]) {
        for (table, column) in wanted {
            let Some(sequence) = counter(b, &table.name, &column.name) else { continue };
            let Some(last) = sequence.last_value else { continue };
            let end = sequence.max_value.min(match column.data_type.as_str() {
                "smallint" => i64::from(i16::MAX),
                _ => i64::from(i32::MAX),
            });
            let percent = last as f64 * 100.0 / end as f64;
            let per_day = table
                .stats
                .inserts
                .zip(table.stats.counted_for_s.filter(|s| *s > 0.0))
                .map(|(rows, seconds)| rows as f64 * 86_400.0 / seconds)
                .filter(|rate| *rate >= 1.0);
            let left = per_day.map_or_else(
                || "how fast it grows is not known".to_owned(),
                |rate| format!("at {rate:.0} rows a day that leaves {:.0} days", (end - last).max(0) as f64 / rate),
            );
            let severity = if percent >= 80.0 { Severity::Danger } else { Severity::Note };
            let mut text = format!("`{}` stands at {last} of {end} ({percent:.1} %); {left}.", sequence.name);
            if percent >= 80.0 {
                let (s, low) = (b.name(&sequence.name), -(end + 1));
                text.push_str(&format!(
                    " If it runs out before the cut-over, `ALTER SEQUENCE {s} MINVALUE {low} RESTART WITH {low}` goes on below zero, where the application bears negative keys."
                ));
            }
            b.finding(severity, text);
        }
    }

    fn warn(&self, b: &mut Builder) {
        for table in self.tables() {
            let functions: Vec<String> = b.catalog.functions_naming(&table).map(|f| format!("`{}`", f.name)).collect();
            if !functions.is_empty() {
                b.finding(
                    Severity::Warning,
                    format!(
                        "Functions whose text names `{table}`: {}. A variable or argument of the old type in them fails at the first value beyond it, and the server does not check that.",
                        functions.join(", ")
                    ),
                );
            }
            let published: Vec<String> = b
                .catalog
                .publications
                .iter()
                .filter(|p| p.all_tables || p.tables.iter().any(|t| t.table == table))
                .map(|p| format!("`{}`", p.name))
                .collect();
            if !published.is_empty() {
                b.finding(
                    Severity::Warning,
                    format!(
                        "`{table}` is published by {}: a subscriber needs the second column before the step that adds it here, and the wider type before the cut-over.",
                        published.join(", ")
                    ),
                );
            }
        }
        if !b.catalog.subscriptions.is_empty() {
            b.finding(
                Severity::Warning,
                "This database has subscriptions: rows that replication applies do not fire the triggers that fill the second columns.".to_owned(),
            );
        }
    }

    /// Small tables: all in one transaction, counters included.
    fn in_one_go(&self, b: &mut Builder, wanted: &[(&Table, &Column)]) {
        let mut sql = Vec::new();
        let mut undo = Vec::new();
        let mut done = Vec::new();
        for (table, column) in wanted {
            let (t, c) = (b.name(&table.name), b.id(&column.name));
            sql.push(format!("ALTER TABLE {t} ALTER COLUMN {c} TYPE {}", self.data_type));
            undo.push(format!("ALTER TABLE {t} ALTER COLUMN {c} TYPE {}", column.data_type));
            done.push(probe::column_type_is(&table.name, &column.name, &self.data_type, None));
            // An identity's counter follows its column by itself.
            let serial = counter(b, &table.name, &column.name).filter(|_| column.identity.is_none());
            if let Some(sequence) = serial.filter(|s| s.data_type != self.data_type) {
                let s = b.name(&sequence.name);
                sql.push(format!("ALTER SEQUENCE {s} AS {}", self.data_type));
                undo.push(format!("ALTER SEQUENCE {s} AS {}", sequence.data_type));
            }
        }
        let done = done.iter().map(|q| format!("({q})")).collect::<Vec<_>>().join(" AND ");
        if self.tables().len() > 1 {
            // A writer of one table that looks into another would meet this step half way.
            let lock = lock_all(b, self.tables());
            sql.insert(0, lock.clone());
            undo.insert(0, lock);
        }
        let mut step = Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), sql, b.brief())
            .why("The tables are small and quiet enough to be changed in one go; the timeouts still hold.")
            .undo(b.undo_sql(undo, "Brief on tables of this size; fails once a value is beyond the old type."))
            .done(format!("SELECT {done}"));
        for table in self.tables() {
            step = step.watch("Who holds a lock on the table", probe::lock_holders(&table)).on(&table);
        }
        b.push(step);
        b.finding(
            Severity::Warning,
            "Sessions with a cached plan over these tables fail once with `cached plan must not change result type`."
                .to_owned(),
        );
    }
}
