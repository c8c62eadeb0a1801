//! Collects what the changes of one wish need, so that they share phases, columns, one backfill per table and few releases.

use super::batches::Pass;
pub use super::draft::Remade;
use super::draft::{Draft, Key, Rank};
use super::needs::{Filled, Need, Rule};
use super::parent_first::parent_first;
use super::policy::{Policy, Strategy};
use super::preflight::Preflight;
use super::reach::Otherwise;
use super::step::{Act, Finding, PhaseName, Severity, Timeouts, TransactionMode, Undo};
use super::unproved::unproved_checks;
use crate::engine::emit::backfill::Write;
use crate::engine::emit::probe;
use crate::engine::names::made_up;
use crate::engine::{Dialect, Session, dialect, dialect::fit_name};
use crate::model::quantity::Rows;
use crate::model::{Catalog, Ident, Table, TableName};
use std::collections::{BTreeMap, BTreeSet};

/// What recipes write into. Read-only sides: the catalog as it is, the policy, the session of the script.
pub struct Builder<'a> {
    pub catalog: &'a Catalog,
    pub policy: &'a Policy,
    pub session: &'a Session,
    /// The database as the script would leave it, where that is known.
    pub target: Option<&'a Catalog>,
    /// Tables that bear triggers of the plan while other steps run: no tool may copy them.
    pub triggered: BTreeSet<TableName>,
    /// The whole database, for names that are taken; `catalog` is the part that the wish can meet.
    all: &'a Catalog,
    pub(super) drafts: Vec<Draft>,
    pub(super) needs: Vec<Need>,
    pub(super) rules: Vec<Rule>,
    pub(super) filled: Vec<Filled>,
    pub(super) findings: Vec<Finding>,
    /// What to ask before the first step.
    pub preflight: Vec<Preflight>,
    pub(super) otherwise: Vec<Otherwise>,
    remade: Vec<Remade>,
    adds: BTreeMap<TableName, Merged>,
    drops: BTreeMap<TableName, Merged>,
    fills: BTreeMap<TableName, (Key, Vec<Fill>)>,
    names: BTreeSet<String>,
    /// Columns that some change of the wish makes NOT NULL, each with the step from which on it is.
    not_null: BTreeMap<(TableName, Ident), Key>,
    change: usize,
}

/// Column actions of one table that share one ALTER TABLE.
#[derive(Debug, Clone)]
struct Merged {
    key: Key,
    change: usize,
    columns: Vec<Ident>,
    actions: Vec<String>,
    whys: Vec<String>,
    /// Statements of the same transaction.
    after: Vec<String>,
}

/// One change's share of a table's backfill pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Fill {
    pub assignments: Vec<(Ident, String)>,
    /// True for rows this share still has to fill.
    pub needed: String,
    pub why: String,
    /// Assignments apply only to rows that need them; needed where the expression would overwrite what a newer release wrote.
    pub guarded: Guarded,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarded {
    Yes,
    No,
}

impl<'a> Builder<'a> {
    pub fn new(catalog: &'a Catalog, all: &'a Catalog, policy: &'a Policy, session: &'a Session) -> Self {
        Self {
            catalog,
            all,
            policy,
            session,
            target: None,
            triggered: BTreeSet::new(),
            drafts: Vec::new(),
            needs: Vec::new(),
            rules: Vec::new(),
            filled: Vec::new(),
            findings: Vec::new(),
            preflight: Vec::new(),
            otherwise: Vec::new(),
            remade: Vec::new(),
            adds: BTreeMap::new(),
            drops: BTreeMap::new(),
            fills: BTreeMap::new(),
            names: BTreeSet::new(),
            not_null: BTreeMap::new(),
            change: 0,
        }
    }

    /// The recipe that follows belongs to the change of this number.
    pub fn begin(&mut self, change: usize) {
        self.change = change;
    }

    /// The whole database, for what a table that is far away may hold on to.
    pub fn database(&self) -> &'a Catalog {
        self.all
    }
    pub fn dialect(&self) -> &'static dyn Dialect {
        dialect(self.catalog.server.engine)
    }
    pub fn id(&self, name: &Ident) -> String {
        self.dialect().ident(name)
    }
    pub fn ids(&self, names: &[Ident]) -> String {
        self.dialect().idents(names)
    }
    pub fn name(&self, name: &TableName) -> String {
        self.dialect().speech().table(self.catalog, name)
    }
    /// True from this major version on.
    pub fn since(&self, major: u16) -> bool {
        self.catalog.server.since(major)
    }

    /// A name of `parts` that no relation, constraint or trigger near `table` has, and that no other step was given.
    pub fn fresh(&mut self, table: &TableName, parts: &[&str]) -> Ident {
        let name = fit_name(parts, self.dialect().max_ident(), |candidate| self.taken(table, candidate));
        self.names.insert(name.clone());
        Ident(name)
    }

    fn taken(&self, table: &TableName, candidate: &str) -> bool {
        let catalog = self.all;
        let ident = Ident::new(candidate);
        self.names.contains(candidate)
            || catalog.tables.iter().filter(|t| t.name.schema == table.schema).any(|t| {
                t.name.name == ident
                    || t.index(&ident).is_some()
                    || (t.name == *table
                        && (t.constraint(&ident).is_some()
                            || t.column(&ident).is_some()
                            || t.triggers.iter().any(|g| g.name == ident)))
            })
            || catalog.views.iter().any(|v| v.name.schema == table.schema && v.name.name == ident)
            || catalog.view_of_index(Some(&table.schema), &ident).is_some()
            || catalog.sequences.iter().any(|s| s.name.schema == table.schema && s.name.name == ident)
            || catalog.functions.iter().any(|f| f.name.schema == table.schema && f.name.name == ident)
    }
    /// The name that the server would make up, if it is free: `users_phone_key`.
    pub fn made_up(&mut self, table: &TableName, columns: &[Ident], label: &str) -> Ident {
        let name = made_up(&table.name, columns, label, |candidate| self.taken(table, candidate));
        self.names.insert(name.0.clone());
        name
    }
    /// Keeps a name that the user chose from being given to another object.
    pub fn reserve(&mut self, name: &Ident) {
        self.names.insert(name.0.clone());
    }

    /// Brief locking DDL: gives way quickly, to be tried again.
    pub fn brief(&self) -> Timeouts {
        Timeouts { lock_ms: self.policy.lock_timeout_ms, statement_ms: self.policy.statement_timeout_ms }
    }
    /// Concurrent builds: a lock timeout would leave an invalid index behind.
    pub fn unlimited(&self) -> Timeouts {
        Timeouts { lock_ms: 0, statement_ms: 0 }
    }
    /// Validation: weak lock, long scan.
    pub fn validating(&self) -> Timeouts {
        Timeouts { lock_ms: self.policy.validate_lock_timeout_ms, statement_ms: 0 }
    }
    pub fn undo_sql(&self, sql: Vec<String>, because: &str) -> Undo {
        Undo::Sql { sql, transaction: TransactionMode::Single, timeouts: self.brief(), because: because.to_owned() }
    }
    pub fn undo_alone(&self, sql: String, because: &str) -> Undo {
        Undo::Sql {
            sql: vec![sql],
            transaction: TransactionMode::None,
            timeouts: self.unlimited(),
            because: because.to_owned(),
        }
    }

    /// Why the table may be changed in one go, if it may.
    pub fn direct(&self, table: &Table) -> Option<String> {
        match self.policy.strategy {
            Strategy::Direct => return Some("direct: asked for with `--strategy direct`".to_owned()),
            Strategy::Online => return None,
            Strategy::Auto => {}
        }
        let rows = table.stats.rows?;
        let bytes = table.stats.total();
        let writes = table.stats.writes_per_s();
        let small = rows <= self.policy.direct_rows
            && bytes.0 <= self.policy.direct_bytes
            && writes.unwrap_or(0.0) <= self.policy.direct_writes_per_s;
        small.then(|| {
            format!(
                "direct: {} rows, {bytes}, {}: below the thresholds ({} rows, {}, {} writes/s)",
                Rows(rows),
                writes.map_or_else(|| "write rate unknown".to_owned(), |w| format!("{w:.1} writes/s")),
                Rows(self.policy.direct_rows),
                crate::model::Bytes(self.policy.direct_bytes),
                self.policy.direct_writes_per_s
            )
        })
    }

    pub fn push(&mut self, mut draft: Draft) -> Key {
        let key = self.new_key();
        draft.key = key;
        draft.change = self.change;
        let single = |mode: TransactionMode| mode == TransactionMode::Single;
        match &mut draft.act {
            Act::Sql { sql, transaction, .. } if single(*transaction) => parent_first(sql, self.catalog),
            _ => {}
        }
        match &mut draft.undo {
            Undo::Sql { sql, transaction, .. } if single(*transaction) => parent_first(sql, self.catalog),
            _ => {}
        }
        self.drafts.push(draft);
        key
    }

    /// Says of a step that was pushed why it is so.
    pub fn because(&mut self, key: Key, why: &str) {
        if let Some(draft) = self.drafts.iter_mut().find(|d| d.key == key) {
            why.clone_into(&mut draft.why);
        }
    }

    pub fn remakes(&mut self, table: &TableName, column: Option<&Ident>, parts: Vec<Ident>, views: Vec<Ident>) {
        let (table, column) = (table.clone(), column.cloned());
        self.remade.push(Remade { change: self.change, table, column, parts, views });
    }
    pub fn remade(&self) -> Vec<Remade> {
        self.remade.clone()
    }

    /// All that a change does before the releases that use the new structure is done at the end of the Switch phase.
    pub fn postpone(&mut self, change: usize) {
        let early = |d: &&mut Draft| {
            d.change == change
                && matches!(d.phase, PhaseName::Expand | PhaseName::Migrate | PhaseName::Switch)
                && d.rank < Rank::Deploy
        };
        self.drafts.iter_mut().filter(early).for_each(|d| (d.phase, d.late) = (PhaseName::Switch, true));
    }

    /// What a postponed change says goes with what was made anew.
    pub fn goes_along(&mut self, change: usize, remade: &Remade) {
        let what = remade.column.as_ref().map_or_else(|| "view".to_owned(), |c| format!("column `{c}`"));
        let unknown = |d: &&mut Draft| d.change == change && d.late && matches!(d.undo, Undo::PointOfNoReturn { .. });
        let because = format!("It goes with the new {what}; the old one has what it had.");
        self.drafts.iter_mut().filter(unknown).for_each(|d| d.undo = Undo::Nothing { because: because.clone() });
    }

    /// Steps that send a text of the script look its bare names up where the script does.
    pub fn look_up_by(&mut self, path: &[Ident], texts: &[&str]) {
        let set = format!("SET LOCAL search_path = {}", self.ids(path));
        for draft in &mut self.drafts {
            if let Act::Sql { sql, transaction: TransactionMode::Single, .. } = &mut draft.act
                && sql.iter().any(|s| texts.iter().any(|t| s.contains(t)))
            {
                sql.insert(0, set.clone());
            }
        }
    }

    pub(super) fn new_key(&mut self) -> Key {
        Key(self.drafts.len() + self.adds.len() + self.drops.len() + self.fills.len())
    }

    pub fn need(&mut self, mut need: Need) {
        need.change = self.change;
        self.needs.push(need);
    }
    pub fn rule(&mut self, rule: Rule) {
        self.rules.push(rule);
    }
    /// `column` gets a value from a trigger between two steps, whoever writes the row.
    pub fn filled(&mut self, filled: Filled) {
        self.filled.push(filled);
    }
    pub fn finding(&mut self, severity: Severity, text: impl Into<String>) {
        self.findings.push(Finding { severity, text: text.into() });
    }

    pub fn proved(&self, table: &TableName, column: &Ident) -> Option<Key> {
        self.not_null.get(&(table.clone(), column.clone())).copied()
    }
    pub fn prove(&mut self, table: &TableName, column: &Ident, from: Key) {
        self.not_null.insert((table.clone(), column.clone()), from);
    }

    /// The plan ends otherwise than the script in this column, or anywhere in the table; `text` tells the reader.
    pub fn ends_otherwise(&mut self, table: &TableName, column: Option<&Ident>, text: impl Into<String>) {
        self.otherwise.push(Otherwise { table: table.clone(), column: column.cloned() });
        self.finding(Severity::Warning, text);
    }

    /// Adds columns in the table's one ALTER TABLE of the Expand phase. `definition` is everything after ADD COLUMN.
    pub fn add_column(&mut self, table: &TableName, column: &Ident, definition: &str, why: &str) -> Key {
        let (key, change) = (self.new_key(), self.change);
        let merged = self.adds.entry(table.clone()).or_insert_with(|| Merged::new(key, change));
        merged.push(column.clone(), format!("ADD COLUMN {definition}"), why);
        merged.key
    }

    /// Drops a column in the table's one ALTER TABLE of the Contract phase.
    pub fn drop_column(&mut self, table: &TableName, column: &Ident, why: &str) -> Key {
        let (key, change) = (self.new_key(), self.change);
        let action = format!("DROP COLUMN {}", self.id(column));
        let merged = self.drops.entry(table.clone()).or_insert_with(|| Merged::new(key, change));
        merged.push(column.clone(), action, why);
        merged.key
    }

    /// Statements behind the table's one DROP COLUMN, in its transaction.
    pub fn after_drop(&mut self, table: &TableName, after: Vec<String>) {
        if let Some(merged) = self.drops.get_mut(table) {
            merged.after.extend(after);
        }
    }

    /// Takes part in the table's one backfill pass of the Migrate phase.
    pub fn fill(&mut self, table: &TableName, fill: Fill) -> Key {
        let key = self.new_key();
        let (key, fills) = self.fills.entry(table.clone()).or_insert_with(|| (key, Vec::new()));
        fills.push(fill);
        *key
    }

    /// A backfill of its own in the Settle phase, after the release that writes the new values.
    pub fn fill_late(&mut self, table: &TableName, fills: &[Fill], undo: Undo) -> Key {
        let mut draft = self.backfill_draft(table, fills);
        (draft.phase, draft.undo) = (PhaseName::Settle, undo);
        self.push(draft)
    }

    /// Turns the merged column actions and backfills into drafts.
    pub(super) fn finish(&mut self) {
        for (table, merged) in std::mem::take(&mut self.adds) {
            let draft = self.merged_adds(&table, &merged);
            self.drafts.push(draft);
        }
        for (table, merged) in std::mem::take(&mut self.drops) {
            let draft = self.merged_drops(&table, &merged);
            self.drafts.push(draft);
        }
        for (table, (key, fills)) in std::mem::take(&mut self.fills) {
            let mut draft = self.backfill_draft(&table, &fills);
            draft.key = key;
            self.drafts.push(draft);
            unproved_checks(self, &table);
        }
    }

    fn merged_adds(&self, table: &TableName, merged: &Merged) -> Draft {
        let sql = format!("ALTER TABLE {} {}", self.name(table), merged.actions.join(", "));
        let drops: Vec<String> = merged.columns.iter().rev().map(|c| format!("DROP COLUMN {}", self.id(c))).collect();
        let undo = format!("ALTER TABLE {} {}", self.name(table), drops.join(", "));
        let mut draft = Draft::sql(
            PhaseName::Expand,
            Rank::AddColumn,
            format!("Add {} to `{table}`", listed(&merged.columns)),
            vec![sql],
            self.brief(),
        )
        .why(merged.whys.join(" "))
        .on(table)
        .undo(self.undo_sql(vec![undo], "Drops the new columns with what was written to them; brief lock."))
        .done(probe::columns_exist(table, &merged.columns))
        .watch("Who holds a lock on the table", probe::lock_holders(table))
        .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.");
        (draft.key, draft.change) = (merged.key, merged.change);
        draft
    }

    fn merged_drops(&self, table: &TableName, merged: &Merged) -> Draft {
        let mut sql = vec![format!("ALTER TABLE {} {}", self.name(table), merged.actions.join(", "))];
        sql.extend(merged.after.iter().cloned());
        let mut draft = Draft::sql(
            PhaseName::Contract,
            Rank::DropColumn,
            format!("Drop {} from `{table}`", listed(&merged.columns)),
            sql,
            self.brief(),
        )
        .why(merged.whys.join(" "))
        .on(table)
        .undo(Undo::PointOfNoReturn {
            because: "The column's values are gone once the transaction commits; only a backup brings them back."
                .to_owned(),
        })
        .done(probe::columns_gone(table, &merged.columns))
        .watch("Who holds a lock on the table", probe::lock_holders(table));
        (draft.key, draft.change) = (merged.key, merged.change);
        draft
    }

    /// Key columns a batched pass can walk: the primary key, else a plain unique index over NOT NULL columns.
    pub fn walk_key(&self, table: &Table) -> Option<Vec<Ident>> {
        let not_null = |c: &Ident| table.column(c).is_some_and(|c| c.not_null);
        table.primary_key().map(|k| k.columns.clone()).or_else(|| {
            table
                .indexes
                .iter()
                .filter(|i| i.unique && i.valid && i.predicate.is_none() && !i.has_expressions)
                .map(|i| i.keys.iter().flatten().cloned().collect::<Vec<_>>())
                .find(|keys| keys.iter().all(not_null))
        })
    }

    fn backfill_draft(&mut self, table: &TableName, fills: &[Fill]) -> Draft {
        let d = self.dialect();
        let needed = match fills {
            [one] => one.needed.clone(),
            many => many.iter().map(|f| format!("({})", f.needed)).collect::<Vec<_>>().join(" OR "),
        };
        let assignments: Vec<(Ident, String)> = fills
            .iter()
            .flat_map(|f| {
                // In a shared pass a row may need one share and not the other.
                let keep = fills.len() > 1 && f.guarded == Guarded::Yes;
                f.assignments.iter().map(move |(c, e)| {
                    let column = d.ident(c);
                    let value = if keep {
                        format!("CASE WHEN {} THEN {e} ELSE target.{column} END", f.needed)
                    } else {
                        e.clone()
                    };
                    (c.clone(), value)
                })
            })
            .collect();
        let columns: Vec<Ident> = assignments.iter().map(|(c, _)| c.clone()).collect();
        let stats = self.catalog.table(table);
        let title = format!("Backfill {} of `{table}`", listed(&columns));
        let why = fills.iter().map(|f| f.why.as_str()).collect::<Vec<_>>().join(" ");
        let overwritten: Vec<Ident> =
            columns.iter().filter(|c| stats.is_some_and(|t| t.column(c).is_some())).cloned().collect();
        let undo = if overwritten.is_empty() {
            Undo::Nothing {
                because: "Values in the new columns do no harm; they go when the columns are dropped.".to_owned(),
            }
        } else {
            Undo::PointOfNoReturn {
                because: format!(
                    "What stood in {} is overwritten batch by batch; only a backup brings it back.",
                    listed(&overwritten)
                ),
            }
        };
        let key = stats.and_then(|t| self.walk_key(t)).unwrap_or_default();
        let (table, write) = (table.clone(), Write::Update);
        let pass = Pass { table, key, assignments, needed, write, alias: None, joined: None };
        self.batched(pass, title, why).undo(undo)
    }
}

impl Merged {
    fn new(key: Key, change: usize) -> Self {
        Self { key, change, columns: Vec::new(), actions: Vec::new(), whys: Vec::new(), after: Vec::new() }
    }
    fn push(&mut self, column: Ident, action: String, why: &str) {
        self.columns.push(column);
        self.actions.push(action);
        if !self.whys.iter().any(|w| w == why) {
            self.whys.push(why.to_owned());
        }
    }
}

/// `a`, `b` and `c`, in backticks.
pub fn listed(names: &[Ident]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{n}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
