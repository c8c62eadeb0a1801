//! A table becomes a partition without a scan or a build under a lock: indexes, keys and foreign keys stand on it before, a
//! proved CHECK says its bounds, another one that the default partition holds nothing of them.

use super::carry::parse_constraint;
use super::constraint::{self, ForeignKey, Rows, UniqueBody};
use super::index::{NewIndex, Unique, build};
use super::partitioned::tail;
use crate::change::Refusal;
use crate::engine::bounds;
use crate::engine::emit::{probe, regclass};
use crate::model::{Catalog, Constraint, ConstraintKind, Ident, Index, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::{Finding, PhaseName, Severity, Undo};
use crate::sql::{ConstraintBody, Script, Statement};

/// A table and what it is to become.
pub struct Joining<'a> {
    pub parent: &'a Table,
    pub name: &'a TableName,
    /// None: made by a step before, like the parent and empty.
    pub child: Option<&'a Table>,
    /// From FOR VALUES or DEFAULT on.
    pub bounds: &'a str,
}

pub fn default_of<'c>(catalog: &'c Catalog, parent: &'c TableName) -> Option<&'c Table> {
    catalog
        .partitions_of(parent)
        .find(|t| t.partition_of.as_ref().is_some_and(|p| p.bounds.trim().eq_ignore_ascii_case("default")))
}

/// True once `child` hangs under `parent`, and is not about to leave.
pub fn attached(b: &Builder, parent: &TableName, child: &TableName) -> String {
    let pending = if b.since(14) { " AND NOT inhdetachpending" } else { "" };
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhrelid = {} AND inhparent = {}{pending})",
        regclass(child),
        regclass(parent)
    )
}

/// Everything up to and including the ATTACH and the end of the helpers.
///
/// # Errors
/// [`Refusal`] where bounds cannot be said by a CHECK, or the child could not take a share of the parent's keys.
pub fn attach(b: &mut Builder, joining: &Joining) -> Result<Key, Refusal> {
    let draft = step(b, joining);
    guarded(b, joining, draft)
}

/// The partition made in place by its own CREATE TABLE: before 12 that locks no more than an ATTACH.
///
/// # Errors
/// As [`attach`].
pub fn create(b: &mut Builder, joining: &Joining, sql: &str) -> Result<Key, Refusal> {
    let (parent, name) = (&joining.parent.name, joining.name);
    let draft = Draft::sql(
        PhaseName::Migrate,
        Rank::Swap,
        format!("Create partition `{name}` of `{parent}`"),
        vec![sql.to_owned()],
        b.brief(),
    )
    .why("Locks the parent for a moment; the new partition is empty.")
    .on(parent)
    .undo(b.undo_sql(
        vec![format!("DROP TABLE {}", b.name(name))],
        "Drops the new partition with its rows; brief lock on the parent.",
    ))
    .done(probe::relation_exists(name))
    .watch("Who holds a lock on the parent", probe::lock_holders(parent));
    guarded(b, joining, draft)
}

/// Proves first what `draft` would have to look for, and takes the helpers away behind it.
fn guarded(b: &mut Builder, joining: &Joining, draft: Draft) -> Result<Key, Refusal> {
    let (parent, name) = (joining.parent, joining.name);
    let mut helpers: Vec<(TableName, Ident, String)> = Vec::new();
    if let Some(child) = joining.child {
        shares(b, parent, child)?;
        if holds_rows(child) && !bounds::proven(b.catalog, parent, child, joining.bounds) {
            let all = bounds::conditions(b.catalog, parent, joining.bounds);
            let first = joining.bounds.trim().eq_ignore_ascii_case("default")
                && b.catalog.partitions_of(&parent.name).next().is_none();
            if !first {
                helpers.push((child.name.clone(), helper(b, &child.name, "bounds"), said(parent, all)?.join(" AND ")));
            }
        }
    }
    let default = default_of(b.catalog, &parent.name).filter(|d| holds_rows(d));
    if let Some(default) = default.filter(|d| !bounds::excluded(b.catalog, parent, d, joining.bounds)) {
        let all = said(parent, bounds::level(b.catalog, parent, joining.bounds))?;
        let rule = helper(b, &default.name, "excludes");
        b.finding(
            Severity::Warning,
            format!(
                "Between the CHECK `{rule}` and the ATTACH, rows with the bounds of `{name}` are refused: they may no longer go to the default partition `{}`, and `{name}` does not take them yet. Attach before such rows arrive.",
                default.name
            ),
        );
        helpers.push((default.name.clone(), rule, format!("NOT ({})", all.join(" AND "))));
    }
    zone(b, joining);
    for (table, rule, expression) in &helpers {
        constraint::check(b, table, rule, expression, "", Rows::Existing);
    }
    let key = b.push(draft);
    for (table, rule, expression) in helpers {
        let (t, n) = (b.name(&table), b.id(&rule));
        b.push(
            Draft::sql(
                PhaseName::Migrate,
                Rank::Other,
                format!("Drop the helper CHECK `{rule}` of `{table}`"),
                vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")],
                b.brief(),
            )
            .why("The bounds themselves say it now, and every write would check it twice.")
            .on(&table)
            .undo(b.undo_sql(
                vec![format!("ALTER TABLE {t} ADD CONSTRAINT {n} CHECK ({expression}) NOT VALID")],
                "Catalog only; brief lock.",
            ))
            .done(probe::constraint_gone(&table, &rule)),
        );
    }
    Ok(key)
}

/// An empty table is read in no time, also if some rows come until then.
fn holds_rows(table: &Table) -> bool {
    table.stats.rows != Some(0) || table.stats.heap_bytes > 0 || table.partition_key.is_some()
}

fn helper(b: &mut Builder, table: &TableName, what: &str) -> Ident {
    b.fresh(table, &[table.name.as_str(), what, "check"])
}

fn said(parent: &Table, conditions: Option<Vec<String>>) -> Result<Vec<String>, Refusal> {
    conditions.ok_or_else(|| {
        Refusal::new(
            format!(
                "what the bounds of a partition of `{}` mean cannot be said by a CHECK: its key has a collation, an operator class or an expression of its own",
                parent.name
            ),
            "The ATTACH would read the table under ACCESS EXCLUSIVE; ask for that with `--strategy direct`, in a quiet hour.",
        )
    })
}

fn step(b: &Builder, joining: &Joining) -> Draft {
    let (parent, name) = (&joining.parent.name, joining.name);
    let (p, c) = (b.name(parent), b.name(name));
    let why = if b.since(12) {
        "The parent stays readable and writable. Nothing is read or built: what the server would look for is proved."
    } else {
        "Before PostgreSQL 12 it locks the parent; nothing is read or built, so that it is brief."
    };
    Draft::sql(
        PhaseName::Migrate,
        Rank::Swap,
        format!("Attach `{name}` to `{parent}`"),
        vec![format!("ALTER TABLE {p} ATTACH PARTITION {c} {}", joining.bounds.trim())],
        b.brief(),
    )
    .why(why)
    .on(parent)
    .on(name)
    .undo(b.undo_sql(
        vec![format!("ALTER TABLE {p} DETACH PARTITION {c}")],
        "Brief lock on both; rows of its bounds leave the parent with it, those written since included.",
    ))
    .done(attached(b, parent, name))
    .watch("Who holds a lock on the partition", probe::lock_holders(name))
    .watch("Who holds a lock on the parent", probe::lock_holders(parent))
}

/// What the parent has and the child needs a share of.
fn shares(b: &mut Builder, parent: &Table, child: &Table) -> Result<(), Refusal> {
    for index in bounds::missing_indexes(parent, child) {
        let owner = index.constraint.as_ref().and_then(|c| parent.constraint(c));
        match owner {
            Some(owner) => key(b, parent, child, index, owner)?,
            None => {
                let name = name(b, child, index, "idx");
                let unique = if index.unique { Unique::Yes } else { Unique::No };
                let why = format!(
                    "The share of `{}` in index `{}`; the ATTACH would build it under ACCESS EXCLUSIVE.",
                    child.name, index.name
                );
                build(b, child, &NewIndex { name, unique, definition: tail(&index.definition).to_owned(), why })?;
            }
        }
    }
    let missing = |own: &&Constraint| {
        own.kind == ConstraintKind::ForeignKey
            && !child
                .foreign_keys()
                .any(|(c, r)| c.valid && c.columns == own.columns && own.references.as_ref() == Some(r))
    };
    for own in parent.constraints.iter().filter(missing) {
        let Some(parsed) = parse_constraint(&own.definition) else { continue };
        let (ConstraintBody::ForeignKey { columns, actions, .. }, Some(to)) = (&parsed.body, &own.references) else {
            continue;
        };
        let mut parts = vec![child.name.name.as_str()];
        parts.extend(columns.iter().map(Ident::as_str));
        parts.push("fkey");
        let name = b.fresh(&child.name, &parts);
        let actions = format!("{actions} {}", parsed.trailer).trim().to_owned();
        let key = ForeignKey { name: &name, columns, target: &to.table, referenced: &to.columns, actions };
        constraint::foreign_key(b, child, &key, Rows::Existing)?;
    }
    Ok(())
}

fn key(b: &mut Builder, parent: &Table, child: &Table, index: &Index, owner: &Constraint) -> Result<(), Refusal> {
    let primary = owner.kind == ConstraintKind::PrimaryKey;
    if primary && child.primary_key().is_some() {
        return Err(Refusal::new(
            format!("`{}` has another primary key than `{}`", child.name, parent.name),
            format!("Drop it or make it ({}) first.", b.ids(&owner.columns)),
        ));
    }
    if !primary && owner.kind != ConstraintKind::Unique {
        return Err(Refusal::new(
            format!(
                "`{}` has the exclusion constraint `{}`, which cannot be built concurrently on `{}`",
                parent.name, owner.name, child.name
            ),
            "Add it to the table while nothing uses it, then attach.",
        ));
    }
    let name = name(b, child, index, if primary { "pkey" } else { "key" });
    let trailer = parse_constraint(&owner.definition).map(|c| c.trailer).unwrap_or_default();
    let body = UniqueBody {
        columns: &owner.columns,
        include: &index.include,
        nulls_not_distinct: index.definition.contains(" NULLS NOT DISTINCT"),
        primary,
        trailer: &trailer,
    };
    constraint::unique(b, child, &name, &body, Rows::Existing)?;
    Ok(())
}

/// As the server would name it.
fn name(b: &mut Builder, child: &Table, index: &Index, label: &str) -> Ident {
    let mut parts = vec![child.name.name.as_str()];
    if label != "pkey" {
        parts.extend(index.keys.iter().map(|k| k.as_ref().map_or("expr", Ident::as_str)));
    }
    parts.push(label);
    b.fresh(&child.name, &parts)
}

/// Bounds of a `timestamptz` without a zone mean what the session's zone says.
fn zone(b: &mut Builder, joining: &Joining) {
    let Some(key) = &joining.parent.partition_key else { return };
    let zoned = key
        .columns
        .iter()
        .filter_map(|c| joining.parent.column(c))
        .any(|c| c.data_type.starts_with("timestamp") && c.data_type.ends_with("with time zone"));
    if zoned && joining.bounds.contains('\'') {
        b.finding(
            Severity::Note,
            "The bounds are moments: every step has to run with the same `TimeZone`, or the CHECK says something else than the ATTACH.",
        );
    }
}

/// Rows that go by the partition are cheaper to let go with it.
pub fn whole_partitions(script: &Script, catalog: &Catalog) -> Vec<Finding> {
    let note = |text: String| Finding { severity: Severity::Note, text };
    let mut findings = Vec::new();
    for located in &script.statements {
        match &located.statement {
            Statement::Delete { table, filter } => {
                let Some(found) = table.table(catalog) else { continue };
                let Some(key) = &found.partition_key else { continue };
                if filter.as_ref().is_some_and(|f| key.columns.iter().any(|k| f.columns.contains(k))) {
                    findings.push(note(format!(
                        "The DELETE chooses rows of `{}` by its partition key: where that takes a whole partition, `DROP TABLE` of the partition (planned with DETACH first) writes no row and leaves no dead ones.",
                        found.name
                    )));
                }
            }
            Statement::Known { op, target, also, .. } if op.starts_with("truncate") => {
                let tables = target.iter().chain(also).filter_map(|t| t.table(catalog));
                findings.extend(tables.filter_map(|t| Some((t, t.partition_of.as_ref()?))).filter(|(_, of)| !of.bounds.is_empty()).map(|(t, of)| {
                    note(format!(
                        "`{}` is a partition of `{}`: detached, and dropped or attached again empty, it can be looked at until its rows are gone for good; TRUNCATE cannot be taken back.",
                        t.name, of.parent
                    ))
                }));
            }
            _ => {}
        }
    }
    findings
}

/// Takes a partition out of sight: it stays as a table of its own.
pub struct Leaving<'a> {
    pub parent: &'a Table,
    pub child: &'a Table,
    pub phase: PhaseName,
    pub rank: Rank,
    /// The CHECK that the concurrent way leaves is dropped by a step of its own.
    pub tidy: bool,
}

/// How it is taken out, for people.
pub fn detach(b: &mut Builder, leaving: &Leaving) -> (Key, String) {
    let (parent, child) = (&leaving.parent.name, &leaving.child.name);
    let (p, c) = (b.name(parent), b.name(child));
    let of = leaving.child.partition_of.as_ref();
    let range = of.map(|o| o.bounds.clone()).unwrap_or_default();
    let pending = of.is_some_and(|o| o.detach_pending);
    let default = default_of(b.catalog, parent);
    let referencing: Vec<String> = b.catalog.referenced_by(parent).map(|(t, _)| format!("`{}`", t.name)).collect();
    if !referencing.is_empty() {
        b.finding(
            Severity::Danger,
            format!(
                "{} references `{parent}`: the detaching locks it against reads and looks for rows that point into `{child}`, which takes as long as reading both. If that is too long, drop the foreign key first and add it again NOT VALID afterwards.",
                referencing.join(", ")
            ),
        );
    }
    let concurrently = b.since(14) && default.is_none() && referencing.is_empty();
    let left = bounds::left_behind(b.catalog, leaving.parent, leaving.child).filter(|_| concurrently);
    let title = format!("Detach `{child}` from `{parent}`");
    let mut back = vec![format!("ALTER TABLE {p} ATTACH PARTITION {c} {range}")];
    if let Some((name, ..)) = &left {
        back.push(format!("ALTER TABLE {c} DROP CONSTRAINT IF EXISTS {}", b.id(name)));
    }
    let (draft, how) = if pending {
        let sql = format!("ALTER TABLE {p} DETACH PARTITION {c} FINALIZE");
        (
            Draft::sql(leaving.phase, leaving.rank, title, vec![sql], b.brief())
                .why("An interrupted DETACH CONCURRENTLY: FINALIZE ends it."),
            "online: ends the detaching that was interrupted".to_owned(),
        )
    } else if concurrently {
        let sql = format!("ALTER TABLE {p} DETACH PARTITION {c} CONCURRENTLY");
        let draft = Draft::alone(leaving.phase, leaving.rank, title, sql, b.unlimited())
            .why("Reads and writes of the parent go on; it waits for transactions that use it. No timeouts: an interruption would leave the detaching pending.")
            .watch("Old transactions it waits for", "SELECT pid, state, now() - xact_start AS open_for, left(query, 80) AS query FROM pg_catalog.pg_stat_activity WHERE backend_xmin IS NOT NULL ORDER BY xact_start".to_owned())
            .abort_if(format!("It was interrupted: the detaching is pending; end it with `ALTER TABLE {p} DETACH PARTITION {c} FINALIZE`."));
        (draft, "online: detached concurrently".to_owned())
    } else {
        let because = match default {
            _ if !b.since(14) => format!("PostgreSQL {} has no concurrent way", b.catalog.server.version.major),
            Some(default) => format!("the default partition `{}` rules the concurrent way out", default.name),
            None => "the foreign keys that point here are checked in any case".to_owned(),
        };
        let sql = format!("ALTER TABLE {p} DETACH PARTITION {c}");
        (
            Draft::sql(leaving.phase, leaving.rank, title, vec![sql], b.brief())
                .why(format!("Locks the parent for a moment: {because}. The timeouts make it give way; try again.")),
            format!("direct: {because}; the lock is brief"),
        )
    };
    let cost = if pending || !concurrently {
        "Attaches it again: its rows are read against the bounds while it is locked, the parent is not."
    } else {
        "Attaches it again; the CHECK that was left proves the bounds."
    };
    let draft = draft
        .on(parent)
        .on(child)
        .undo(b.undo_sql(back, cost))
        .done(format!(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhrelid = {} AND inhparent = {})",
            regclass(child),
            regclass(parent)
        ))
        .watch("Who holds a lock on the parent", probe::lock_holders(parent));
    let key = b.push(draft);
    if let (Some((name, _, expression)), true) = (left, leaving.tidy) {
        let n = b.id(&name);
        b.push(
            Draft::sql(
                leaving.phase,
                leaving.rank,
                format!("Drop the CHECK `{name}` that the detaching left"),
                vec![format!("ALTER TABLE {c} DROP CONSTRAINT {n}")],
                b.brief(),
            )
            .why("The concurrent way leaves the bounds as a CHECK, which the plain one does not. Keep it if the table is to be attached again.")
            .on(child)
            .undo(Undo::Sql {
                sql: vec![format!("ALTER TABLE {c} ADD CONSTRAINT {n} CHECK ({expression}) NOT VALID"), format!("ALTER TABLE {c} VALIDATE CONSTRAINT {n}")],
                transaction: crate::plan::TransactionMode::None,
                timeouts: b.validating(),
                because: "Comes back for new rows, then reads the table to prove the others.".to_owned(),
            })
            .done(probe::constraint_gone(child, &name)),
        );
    }
    (key, how)
}
