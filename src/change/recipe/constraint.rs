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
    /// The columns are new and take over rows that nobody ever proved: neither does the plan.
    Unproved,
}

fn with_trailer(body: &str, trailer: &str) -> String {
    if trailer.is_empty() { body.to_owned() } else { format!("{body} {trailer}") }
}

/// What is added for new rows first and proved later.
pub struct Proof<'a> {
    /// `CHECK (…)` or `FOREIGN KEY …`, trailer as the user wrote it.
    pub body: &'a str,
    pub what: &'a str,
    pub partner: Option<&'a TableName>,
    /// The parent's constraint will make it its own, and take it along when it is undone.
    pub adopted: bool,
    pub rows: Rows,
}

/// NOT VALID, then VALIDATE.
pub fn add_then_validate(b: &mut Builder, table: &TableName, name: &Ident, proof: &Proof) -> Key {
    let Proof { body, what, partner, adopted, rows } = *proof;
    let if_exists = if adopted { "IF EXISTS " } else { "" };
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
    .undo(b.undo_sql(vec![format!("ALTER TABLE {t} DROP CONSTRAINT {if_exists}{n}")], "Catalog only; brief lock."))
    .done(probe::constraint_exists(table, name))
    .watch("Who holds a lock on the table", probe::lock_holders(table))
    .abort_if(format!("Writers fail on `{name}`: the running release breaks the rule; take the step back."));
    if let Some(partner) = partner {
        add = add.on(partner).watch("Who holds a lock on the referenced table", probe::lock_holders(partner));
    }
    let added = b.push(add);
    if rows == Rows::Unproved {
        return added;
    }
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
    let body = with_trailer(&format!("CHECK ({expression})"), trailer);
    add_then_validate(b, table, name, &Proof { body: &body, what: "CHECK", partner: None, adopted: false, rows })
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
/// [`Refusal`] as [`super::partitioned::foreign_key`] has them, before 18.
pub fn foreign_key(b: &mut Builder, table: &Table, key: &ForeignKey, rows: Rows) -> Result<Key, Refusal> {
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
    if table.kind == TableKind::Partitioned && !b.since(18) {
        return super::partitioned::foreign_key(b, table, key, &body);
    }
    let proof = Proof { body: &body, what: "foreign key", partner: Some(key.target), adopted: false, rows };
    Ok(add_then_validate(b, &table.name, key.name, &proof))
}

/// A unique index built concurrently, then attached as the constraint.
///
/// # Errors
/// [`Refusal`] as [`super::partitioned::key`] has them.
pub fn unique(
    b: &mut Builder,
    table: &Table,
    name: &Ident,
    constraint: &UniqueBody,
    rows: Rows,
) -> Result<Key, Refusal> {
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
    attach(b, table, index, constraint)
}

/// Builds a unique index and attaches it as the constraint of the same name.
///
/// # Errors
/// [`Refusal`] as [`super::partitioned::key`] has them.
pub fn attach(b: &mut Builder, table: &Table, index: NewIndex, constraint: &UniqueBody) -> Result<Key, Refusal> {
    if table.kind == TableKind::Partitioned {
        return super::partitioned::key(b, table, &index, constraint);
    }
    build(b, table, &index)?;
    let name = &index.name;
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
    let named_after = match (suffix, columns) {
        // A CHECK over several columns is named after none, before 12 a foreign key after the first.
        ("check", [_, _, ..]) | ("pkey", _) => &[][..],
        ("fkey", [first, ..]) if !b.since(12) => std::slice::from_ref(first),
        _ => columns,
    };
    b.made_up(table, named_after, suffix)
}
