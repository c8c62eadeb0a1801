//! Materialised views over a column that gives way to another: a second one is made beside the first over the new column,
//! filled while the first is read, and takes its name. No text is rewritten: for the length of one transaction, which runs
//! no query, everything bears the names that the texts say.

use super::carry::of_statistics;
use super::partitioned::tail;
use super::views::{belongings, kind};
use crate::engine::emit::probe;
use crate::model::objects::{View, ViewKind};
use crate::model::{ExtendedStatistics, Ident, Index, Stored, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};

/// A view and the one that takes its name.
pub struct Second<'c> {
    pub view: &'c View,
    /// Name of the second one before it takes over, of the first one afterwards.
    new: Ident,
    old: Ident,
    /// What of the first one has a name of its own in the schema.
    parts: Vec<Part>,
}

struct Part {
    what: &'static str,
    name: TableName,
    new: Ident,
    old: Ident,
}

/// Those of a chain that need a second one: materialised views, and the views of the chain that those read.
pub fn beside<'c, 'v>(chain: &'v [&'c View]) -> impl Iterator<Item = &'c View> + 'v {
    let reads = |upper: &View, lower: &View| upper.uses.iter().any(|u| u.table == lower.name);
    let mut needed: Vec<&View> = Vec::new();
    for view in chain.iter().rev() {
        if view.kind == ViewKind::Materialized || needed.iter().any(|n| reads(n, view)) {
            needed.push(view);
        }
    }
    let needed: Vec<TableName> = needed.into_iter().map(|v| v.name.clone()).collect();
    chain.iter().copied().filter(move |v| needed.contains(&v.name))
}

fn stored(view: &View) -> impl Iterator<Item = &Stored> {
    view.stored.as_deref().into_iter()
}

fn rename(b: &Builder, view: &View, from: &Ident, to: &Ident) -> String {
    format!("ALTER {} {} RENAME TO {}", kind(view), b.name(&view.name.sibling(from.0.clone())), b.id(to))
}

/// Makes the second ones and fills them, each step of it before the columns change hands.
pub fn prepare<'c>(
    b: &mut Builder,
    texts: Vec<(&'c View, String)>,
    moving: &[(TableName, Vec<(Ident, Ident)>)],
) -> Vec<Second<'c>> {
    let mut seconds: Vec<Second> = Vec::new();
    for (view, _) in &texts {
        let own = view.name.name.as_str();
        let (new, old) = (b.fresh(&view.name, &[own, "new"]), b.fresh(&view.name, &[own, "old"]));
        let mut parts = Vec::new();
        for part in stored(view) {
            let indexes = part.indexes.iter().map(|i| ("INDEX", view.name.sibling(i.name.0.clone())));
            for (what, name) in indexes.chain(part.statistics.iter().map(|s| ("STATISTICS", s.name.clone()))) {
                let own = name.name.as_str();
                let (new, old) = (b.fresh(&name, &[own, "new"]), b.fresh(&name, &[own, "old"]));
                parts.push(Part { what, name, new, old });
            }
        }
        seconds.push(Second { view, new, old, parts });
    }
    if seconds.is_empty() {
        return seconds;
    }
    build(b, &seconds, &texts, moving);
    for second in &seconds {
        fill(b, second);
    }
    seconds
}

/// One transaction: the old ones step aside, the new columns bear the old names, the texts are sent, and all names are as
/// they were. First the views, then their tables: REFRESH takes its locks in that order.
fn build(b: &mut Builder, seconds: &[Second], texts: &[(&View, String)], moving: &[(TableName, Vec<(Ident, Ident)>)]) {
    let mut sql = aside(b, seconds);
    let mut home = Vec::new();
    for (table, pairs) in moving {
        let t = b.name(table);
        for (from, to) in pairs {
            let between = b.fresh(table, &[from.as_str(), "between"]);
            let rename = |x: &Ident, y: &Ident| format!("ALTER TABLE {t} RENAME COLUMN {} TO {}", b.id(x), b.id(y));
            sql.extend([rename(from, &between), rename(to, from)]);
            home.extend([rename(from, to), rename(&between, from)]);
        }
    }
    for ((view, text), second) in texts.iter().zip(seconds) {
        let filled = stored(view).any(|s| s.populated);
        sql.push(if filled { format!("{text}\nWITH NO DATA") } else { text.clone() });
        let named = |name: &Ident| {
            let part = second.parts.iter().find(|p| p.name.name == *name);
            part.map_or_else(|| name.clone(), |p| p.new.clone())
        };
        sql.extend(indexes(b, view, &named));
        sql.extend(belongings(b, view));
    }
    sql.extend(home);
    for second in seconds.iter().rev() {
        sql.push(rename(b, second.view, &second.view.name.name, &second.new));
    }
    for second in seconds {
        sql.push(rename(b, second.view, &second.old, &second.view.name.name));
    }
    let drop = |s: &Second| format!("DROP {} {}", kind(s.view), b.name(&s.view.name.sibling(s.new.0.clone())));
    let undo: Vec<String> = seconds.iter().rev().map(drop).collect();
    let exist = |s: &Second| probe::relation_exists(&s.view.name.sibling(s.new.0.clone()));
    let done: Vec<String> = seconds.iter().map(exist).collect();
    let names: Vec<Ident> = seconds.iter().map(|s| s.view.name.name.clone()).collect();
    let mut draft = Draft::sql(
        PhaseName::Switch,
        Rank::CreateObject,
        format!("Make a second {} over the new column", listed(&names)),
        sql,
        b.brief(),
    )
    .why("A materialised view knows a column by its number, and would go on reading the old one. Empty, with indexes, owner, comments and grants: no query runs in this transaction. Names change places for its length, so that every text stays as it is; no one sees that.")
    .undo(b.undo_sql(undo, "Nothing but the second ones goes."))
    .done(probe::all(&done))
    .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.");
    for (table, _) in moving {
        draft = draft.on(table).watch("Who holds a lock on the table", probe::lock_holders(table));
    }
    b.push(draft);
}

fn fill(b: &mut Builder, second: &Second) {
    let view = second.view;
    if !stored(view).any(|s| s.populated) {
        return;
    }
    let new = view.name.sibling(second.new.0.clone());
    let n = b.name(&new);
    let mut draft = Draft::sql(
        PhaseName::Switch,
        Rank::Backfill,
        format!("Fill the second `{}`", view.name),
        vec![format!("REFRESH MATERIALIZED VIEW {n}"), format!("ANALYZE {n}")],
        b.validating(),
    )
    .why("Runs the query once, and measures what came of it. Nobody reads the second one yet; the first is read all the while, and the tables are not blocked. Its snapshot keeps VACUUM from removing rows for as long.")
    .on(&new)
    .unseen(&new)
    .done(probe::is_populated(&new));
    draft.undo = Undo::Nothing { because: "The rows go with the second view.".to_owned() };
    b.push(draft);
}

/// What a materialised view has of its own: settings of columns, indexes, statistics, by the names that `named` gives them.
pub fn indexes(b: &Builder, view: &View, named: &dyn Fn(&Ident) -> Ident) -> Vec<String> {
    let v = b.name(&view.name);
    let alter = format!("ALTER MATERIALIZED VIEW {v}");
    let mut sql = Vec::new();
    for stored in stored(view) {
        for column in &stored.columns {
            let alter = format!("{alter} ALTER COLUMN {}", b.id(&column.name));
            sql.extend(column.storage.iter().map(|s| format!("{alter} SET STORAGE {s}")));
            sql.extend(column.compression.iter().map(|m| format!("{alter} SET COMPRESSION {m}")));
            sql.extend(column.statistics.iter().map(|n| format!("{alter} SET STATISTICS {n}")));
            if !column.options.is_empty() {
                sql.push(format!("{alter} SET ({})", column.options.join(", ")));
            }
        }
        for index in &stored.indexes {
            sql.extend(one_index(b, view, index, &named(&index.name)));
        }
        for statistics in &stored.statistics {
            sql.extend(measured(b, statistics, &named(&statistics.name.name)));
        }
    }
    sql
}

fn one_index(b: &Builder, view: &View, index: &Index, name: &Ident) -> Vec<String> {
    let (v, n) = (b.name(&view.name), b.name(&view.name.sibling(name.0.clone())));
    let unique = if index.unique { "UNIQUE " } else { "" };
    let mut sql = vec![format!("CREATE {unique}INDEX {} ON {v} {}", b.id(name), placed(b, index))];
    sql.extend(index.comment.iter().map(|c| format!("COMMENT ON INDEX {n} IS {}", b.dialect().literal(c))));
    for (place, target) in &index.statistics {
        sql.push(format!("ALTER INDEX {n} ALTER COLUMN {place} SET STATISTICS {target}"));
    }
    if index.clustered {
        sql.push(format!("ALTER MATERIALIZED VIEW {v} CLUSTER ON {}", b.id(name)));
    }
    sql
}

/// All behind the view's name; TABLESPACE stands before WHERE, and the server does not print it.
fn placed(b: &Builder, index: &Index) -> String {
    let tail = tail(&index.definition);
    let Some(space) = &index.tablespace else { return tail.to_owned() };
    match (&index.predicate, tail.rfind(" WHERE ")) {
        (Some(_), Some(at)) => {
            let (keys, predicate) = tail.split_at_checked(at).unwrap_or((tail, ""));
            format!("{keys} TABLESPACE {}{predicate}", b.id(space))
        }
        _ => format!("{tail} TABLESPACE {}", b.id(space)),
    }
}

fn measured(b: &Builder, statistics: &ExtendedStatistics, name: &Ident) -> Vec<String> {
    let full = b.name(&TableName { schema: statistics.name.schema.clone(), name: name.clone() });
    let (own, text) = (b.name(&statistics.name), &statistics.definition);
    // The server prints the schema, and quotes a name as we do.
    let mut sql = vec![text.replacen(&own, &full, 1)];
    sql.extend(of_statistics(b, statistics, &full));
    sql
}

fn part(b: &Builder, what: &str, of: &TableName, from: &Ident, to: &Ident) -> String {
    let full = TableName { schema: of.schema.clone(), name: from.clone() };
    format!("ALTER {what} {} RENAME TO {}", b.name(&full), b.id(to))
}

/// The first ones, from the top.
pub fn aside(b: &Builder, seconds: &[Second]) -> Vec<String> {
    leave(b, seconds, |s| &s.old)
}

/// The second ones get the names, and so do their indexes.
pub fn take_over(b: &Builder, seconds: &[Second]) -> Vec<String> {
    enter(b, seconds, |s| &s.new, |p| (&p.old, &p.new))
}

pub fn aside_again(b: &Builder, seconds: &[Second]) -> Vec<String> {
    leave(b, seconds, |s| &s.new)
}

pub fn give_back(b: &Builder, seconds: &[Second]) -> Vec<String> {
    enter(b, seconds, |s| &s.old, |p| (&p.new, &p.old))
}

fn leave(b: &Builder, seconds: &[Second], to: for<'s> fn(&'s Second<'_>) -> &'s Ident) -> Vec<String> {
    seconds.iter().rev().map(|s| rename(b, s.view, &s.view.name.name, to(s))).collect()
}

/// The views called `from` get the names; of their parts, those that have the names go to the first of `away`, the others come.
fn enter(
    b: &Builder,
    seconds: &[Second],
    from: for<'s> fn(&'s Second<'_>) -> &'s Ident,
    away: fn(&Part) -> (&Ident, &Ident),
) -> Vec<String> {
    let each = |s: &Second| {
        let mut sql = vec![rename(b, s.view, from(s), &s.view.name.name)];
        for p in &s.parts {
            let (gone, come) = away(p);
            sql.push(part(b, p.what, &p.name, &p.name.name, gone));
            sql.push(part(b, p.what, &p.name, come, &p.name.name));
        }
        sql
    };
    seconds.iter().flat_map(each).collect()
}

/// The first ones go before the columns that they read.
pub fn retire(b: &mut Builder, seconds: &[Second]) {
    if seconds.is_empty() {
        return;
    }
    let old = |s: &Second| s.view.name.sibling(s.old.0.clone());
    let drop: Vec<String> =
        seconds.iter().rev().map(|s| format!("DROP {} {}", kind(s.view), b.name(&old(s)))).collect();
    let gone: Vec<String> = seconds.iter().map(|s| probe::relation_gone(&old(s))).collect();
    let names: Vec<Ident> = seconds.iter().map(|s| s.old.clone()).collect();
    let mut draft =
        Draft::sql(PhaseName::Contract, Rank::DropView, format!("Drop {}", listed(&names)), drop, b.brief())
            .why("Nobody reads them by that name, and they would keep the old column from being dropped.")
            .done(probe::all(&gone));
    for second in seconds {
        draft = draft.on(&old(second));
    }
    draft.undo = Undo::PointOfNoReturn { because: "Its rows are gone; the one in force has the same text.".to_owned() };
    b.push(draft);
}

pub fn notes(b: &mut Builder, seconds: &[Second]) {
    for second in seconds.iter().filter(|s| s.view.kind == ViewKind::Materialized) {
        let name = &second.view.name;
        let text = if stored(second.view).any(|s| s.populated) {
            format!(
                "Materialised view `{name}` is made a second time, as fresh as the step that fills it, and takes over with the new column: a REFRESH by name that runs between the two fills the one that goes, so let that job run once more afterwards. It needs the space of both until the contract phase.",
            )
        } else {
            format!("Materialised view `{name}` was never filled, and neither is the one that takes over.")
        };
        b.finding(Severity::Warning, text);
    }
}
