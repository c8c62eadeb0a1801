//! CHECK, UNIQUE, PRIMARY KEY and FOREIGN KEY without a scan or a build under a blocking lock.

use super::index::{NewIndex, Unique, build};
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::{Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::{PhaseName, Undo};
use crate::sql::TableConstraint;

/// Whether rows that are in the table today could break the constraint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rows {
    /// The columns hold data: check it before anything is built.
    Existing,
    /// The columns are new: the backfill decides.
    New,
}

fn with_trailer(body: &str, trailer: &str) -> String {
    if trailer.is_empty() { body.to_owned() } else { format!("{body} {trailer}") }
}

/// NOT VALID, then VALIDATE. `body` is `CHECK (…)` or `FOREIGN KEY …`, `trailer` as the user wrote it.
fn add_then_validate(
    b: &mut Builder,
    table: &TableName,
    name: &Ident,
    body: &str,
    what: &str,
    partner: Option<&TableName>,
) -> Key {
    let (t, n) = (b.name(table), b.id(name));
    let mut add = Draft::sql(
        PhaseName::Migrate,
        Rank::AddConstraint,
        format!("Add {what} `{name}` to `{table}` for new rows"),
        vec![format!("ALTER TABLE {t} ADD CONSTRAINT {n} {body} NOT VALID")],
        b.brief(),
    )
    .why("NOT VALID: new and changed rows are checked from now on, no existing row is read.")
    .on(table)
    .undo(b.undo_sql(vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")], "Catalog only; brief lock."))
    .done(probe::constraint_exists(table, name))
    .watch("Who holds a lock on the table", probe::lock_holders(table))
    .abort_if(format!("Writers fail on `{name}`: the running release breaks the rule; take the step back."));
    if let Some(partner) = partner {
        add = add.on(partner).watch("Who holds a lock on the referenced table", probe::lock_holders(partner));
    }
    b.push(add);
    let mut validate = Draft::sql(
        PhaseName::Migrate,
        Rank::Validate,
        format!("Validate `{name}` of `{table}`"),
        vec![format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}")],
        b.validating(),
    )
    .why("Reads the existing rows under a lock that lets reads and writes pass. A statement of its own: together with the step before, the strong lock would be held through the scan.")
    .on(table)
    .done(probe::constraint_valid(table, name))
    .abort_if("It fails: a row breaks the rule; mend the rows, run it again.");
    validate.undo =
        Undo::Nothing { because: "A proof takes nothing away; the step before is undone instead.".to_owned() };
    b.push(validate)
}

pub fn check(b: &mut Builder, table: &TableName, name: &Ident, expression: &str, trailer: &str, rows: Rows) -> Key {
    if rows == Rows::Existing {
        let t = b.name(table);
        b.push(
            Draft::verify(
                PhaseName::Prepare,
                Rank::Check,
                format!("Every row of `{table}` satisfies `{name}`"),
                format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE NOT ({expression}))"),
            )
            .why(
                "Rows that break the rule would make the validation fail, and the running release is what writes them.",
            )
            .on(table),
        );
    }
    add_then_validate(b, table, name, &with_trailer(&format!("CHECK ({expression})"), trailer), "CHECK", None)
}

/// A foreign key as its parts.
pub struct ForeignKey<'a> {
    pub name: &'a Ident,
    pub columns: &'a [Ident],
    pub target: &'a TableName,
    pub referenced: &'a [Ident],
    /// `ON DELETE …` and the like, and the trailer.
    pub actions: String,
}

/// # Errors
/// [`Refusal`] from a partitioned table before 18.
pub fn foreign_key(b: &mut Builder, table: &Table, key: &ForeignKey, rows: Rows) -> Result<Key, Refusal> {
    if table.kind == TableKind::Partitioned && !b.since(18) {
        return Err(Refusal::new(
            format!(
                "PostgreSQL {} refuses NOT VALID for a foreign key of the partitioned table `{}`",
                b.catalog.server.version.major, table.name
            ),
            "Add it NOT VALID to each partition, validate each, then add it to the parent: the parent adopts them without a scan.",
        ));
    }
    let (t, p) = (b.name(&table.name), b.name(key.target));
    if rows == Rows::Existing {
        let joined = key
            .columns
            .iter()
            .zip(key.referenced)
            .map(|(c, r)| format!("parent.{} = child.{}", b.id(r), b.id(c)))
            .collect::<Vec<_>>()
            .join(" AND ");
        let set =
            key.columns.iter().map(|c| format!("child.{} IS NOT NULL", b.id(c))).collect::<Vec<_>>().join(" AND ");
        b.push(
            Draft::verify(
                PhaseName::Prepare,
                Rank::Check,
                format!("Every row of `{}` has its partner in `{}`", table.name, key.target),
                format!(
                    "SELECT NOT EXISTS (SELECT 1 FROM {t} AS child WHERE {set} AND NOT EXISTS (SELECT 1 FROM {p} AS parent WHERE {joined}))"
                ),
            )
            .why("Orphans would make the validation fail. On a large table run this on a replica.")
            .on(&table.name)
            .on(key.target),
        );
    }
    let indexed = table.indexes.iter().any(|i| {
        i.valid
            && i.predicate.is_none()
            && i.keys.iter().take(key.columns.len()).flatten().all(|k| key.columns.contains(k))
            && i.keys.len() >= key.columns.len()
    });
    if !indexed && rows == Rows::Existing {
        b.finding(
            crate::plan::Severity::Warning,
            format!(
                "No index of `{}` begins with {}: every DELETE or key UPDATE on `{}` will scan it. Consider building one first.",
                table.name,
                listed(key.columns),
                key.target
            ),
        );
    }
    let referenced = if key.referenced.is_empty() { String::new() } else { format!(" ({})", b.ids(key.referenced)) };
    let body = with_trailer(&format!("FOREIGN KEY ({}) REFERENCES {p}{referenced}", b.ids(key.columns)), &key.actions);
    Ok(add_then_validate(b, &table.name, key.name, &body, "foreign key", Some(key.target)))
}

/// A unique index built concurrently, then attached as the constraint.
///
/// # Errors
/// [`Refusal`] on a partitioned table: USING INDEX is refused there.
pub fn unique(
    b: &mut Builder,
    table: &Table,
    name: &Ident,
    constraint: &UniqueBody,
    rows: Rows,
) -> Result<Key, Refusal> {
    if table.kind == TableKind::Partitioned {
        return Err(Refusal::new(
            format!(
                "a constraint on the partitioned table `{}` cannot be attached to an index built beforehand",
                table.name
            ),
            "Create a unique index instead: it is built partition by partition and serves ON CONFLICT as well.",
        ));
    }
    let columns = constraint.columns;
    let list = b.ids(columns);
    if rows == Rows::Existing {
        no_duplicates(b, &table.name, columns, constraint.nulls_not_distinct);
    }
    let nulls = if constraint.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let include =
        if constraint.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", b.ids(constraint.include)) };
    let index = NewIndex {
        name: name.clone(),
        unique: Unique::Yes,
        definition: format!("({list}){include}{nulls}"),
        why: "The constraint's index is built beforehand, so that attaching it reads nothing. It refuses duplicates already while it is being built.".to_owned(),
    };
    build(b, table, &index)?;
    let (t, n) = (b.name(&table.name), b.id(name));
    let (kind, title) =
        if constraint.primary { ("PRIMARY KEY", "primary key") } else { ("UNIQUE", "unique constraint") };
    let body = with_trailer(&format!("{kind} USING INDEX {n}"), constraint.trailer);
    let draft = Draft::sql(
        PhaseName::Migrate,
        Rank::Attach,
        format!("Attach {title} `{name}` to `{}`", table.name),
        vec![format!("ALTER TABLE {t} ADD CONSTRAINT {n} {body}")],
        b.brief(),
    )
    .why("Uses the index that stands; catalog only.")
    .on(&table.name)
    .undo(b.undo_sql(
        vec![format!("ALTER TABLE {t} DROP CONSTRAINT {n}")],
        "Drops the constraint with its index under a brief lock; both have to be built again.",
    ))
    .done(probe::constraint_exists(&table.name, name))
    .watch("Who holds a lock on the table", probe::lock_holders(&table.name));
    Ok(b.push(draft))
}

/// The check before a unique index is built over rows that are there.
pub fn no_duplicates(b: &mut Builder, table: &TableName, columns: &[Ident], nulls_not_distinct: bool) {
    let list = b.ids(columns);
    let set = columns.iter().map(|c| format!("{} IS NOT NULL", b.id(c))).collect::<Vec<_>>().join(" AND ");
    let filter = if nulls_not_distinct { String::new() } else { format!(" WHERE {set}") };
    b.push(
        Draft::verify(
            PhaseName::Prepare,
            Rank::Check,
            format!("{} of `{table}` holds no duplicates", listed(columns)),
            format!("SELECT NOT EXISTS (SELECT 1 FROM {}{filter} GROUP BY {list} HAVING count(*) > 1)", b.name(table)),
        )
        .why("Duplicates would make the build fail and leave an invalid index. On a large table run this on a replica.")
        .on(table),
    );
}

/// What a UNIQUE or PRIMARY KEY says.
pub struct UniqueBody<'a> {
    pub columns: &'a [Ident],
    pub include: &'a [Ident],
    pub nulls_not_distinct: bool,
    pub primary: bool,
    pub trailer: &'a str,
}

/// The name the server would give: `users_phone_key`.
pub fn named(
    b: &mut Builder,
    table: &TableName,
    constraint: &TableConstraint,
    columns: &[Ident],
    suffix: &str,
) -> Ident {
    if let Some(name) = &constraint.name {
        b.reserve(name);
        return name.clone();
    }
    let mut parts = vec![table.name.as_str()];
    parts.extend(columns.iter().map(Ident::as_str));
    parts.push(suffix);
    b.fresh(table, &parts)
}
