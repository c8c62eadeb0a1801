//! A serial or identity column on a table with rows: sequence, default, batches, NOT NULL, identity last.

use super::not_null::{Writers, not_null};
use super::table::{user_triggers, walkable};
use crate::change::Refusal;
use crate::change::add_column::uses;
use crate::engine::emit::probe;
use crate::model::catalog::Identity;
use crate::model::{Table, TableKind};
use crate::plan::PhaseName;
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::Slot;
use crate::sql::ColumnDef;

/// `serial`: the base type of a serial pseudo-type; `nullable`: the script takes NOT NULL off again.
///
/// # Errors
/// [`Refusal`] where rows cannot be walked in batches.
pub fn numbered(
    b: &mut Builder,
    table: &Table,
    column: &ColumnDef,
    serial: Option<&str>,
    nullable: bool,
) -> Result<(), Refusal> {
    walkable(b, table)?;
    let name = &column.name;
    let (t, c) = (b.name(&table.name), b.id(name));
    let data_type = serial.map_or_else(|| column.data_type.clone(), str::to_owned);
    let bare = b.made_up(&table.name, std::slice::from_ref(name), "seq");
    let sequence = table.name.sibling(bare.0);
    let s = b.name(&sequence);
    let next = format!("nextval({}::regclass)", b.dialect().literal(&s));
    b.add_column(
        &table.name,
        name,
        &format!("{c} {data_type}"),
        "Nullable and without a default, so no row is touched.",
    );
    let of_type =
        if crate::sql::canonical_type(&data_type) == "bigint" { String::new() } else { format!(" AS {data_type}") };
    b.push(
        Draft::sql(
            PhaseName::Expand,
            Rank::SetDefault,
            format!("Number new rows of `{}` by `{name}`", table.name),
            vec![
                format!("CREATE SEQUENCE {s}{of_type}"),
                format!("ALTER SEQUENCE {s} OWNED BY {t}.{c}"),
                format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {next}"),
            ],
            b.brief(),
        )
        .why("New rows are numbered from now on; ADD COLUMN with the sequence at once would rewrite the table.")
        .on(&table.name)
        .undo(b.undo_sql(
            vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"), format!("DROP SEQUENCE {s}")],
            "Catalog only; brief lock.",
        ))
        .done(probe::default_changed(&table.name, name, None)),
    );
    let key = b.fill(
        &table.name,
        Fill {
            assignments: vec![(name.clone(), next)],
            needed: format!("{c} IS NULL"),
            why: "Numbers the rows that were there before, in the order of the walk, not of their age.".to_string(),
            guarded: Guarded::Yes,
        },
    );
    user_triggers(b, table);
    if !nullable {
        not_null(b, &table.name, name, Writers::Safe);
    }
    if let Some(identity) = column.identity {
        become_identity(b, table, column, identity, &s);
    }
    uses(b, table, column, Slot::Use, Some(key));
    Ok(())
}

fn become_identity(b: &mut Builder, table: &Table, column: &ColumnDef, identity: Identity, sequence: &str) {
    let name = &column.name;
    let (t, c) = (b.name(&table.name), b.id(name));
    if !b.since(12) {
        b.ends_otherwise(
            &table.name,
            Some(name),
            format!("`{}.{name}` keeps its sequence as a default: an identity needs NOT NULL, which PostgreSQL {} sets only by a full scan under ACCESS EXCLUSIVE.", table.name, b.catalog.server.version.major),
        );
        return;
    }
    if table.kind == TableKind::Partitioned && !b.since(17) {
        b.ends_otherwise(
            &table.name,
            Some(name),
            format!(
                "`{}.{name}` keeps its sequence as a default: before PostgreSQL 17 the partitions of an identity column have \
                 no identity, so that an INSERT straight into one would fail.",
                table.name
            ),
        );
        return;
    }
    let always = if identity == Identity::Always { "ALWAYS" } else { "BY DEFAULT" };
    let literal = |text: &str| b.dialect().literal(text);
    let sql = vec![
        format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"),
        format!("ALTER TABLE {t} ALTER COLUMN {c} ADD GENERATED {always} AS IDENTITY"),
        format!(
            "SELECT pg_catalog.setval(pg_catalog.pg_get_serial_sequence({}, {}), (SELECT last_value + 1 FROM {sequence}), false)",
            literal(&t),
            literal(name.as_str())
        ),
        format!("DROP SEQUENCE {sequence}"),
    ];
    let draft = Draft::sql(PhaseName::Switch, Rank::Swap, format!("Make `{}.{name}` an identity column", table.name), sql, b.brief())
        .why("The column is NOT NULL now, so this is catalog only. The identity's own sequence goes on where the helper's stood.")
        .on(&table.name)
        .undo(b.undo_sql(
            vec![
                // No number may be taken between the look at the highest one and the end of the identity.
                super::lock_all(b, vec![table.name.clone()]),
                format!("CREATE SEQUENCE {sequence}"),
                format!(
                    "SELECT pg_catalog.setval({}, (SELECT coalesce(max({c}), 0) + 1 FROM {t}), false)",
                    literal(sequence)
                ),
                format!("ALTER TABLE {t} ALTER COLUMN {c} DROP IDENTITY"),
                format!("ALTER SEQUENCE {sequence} OWNED BY {t}.{c}"),
                format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT nextval({}::regclass)", literal(sequence)),
            ],
            "Back to the helper's sequence; reads the highest number while it holds the lock.",
        ))
        .done(probe::column_is_identity(&table.name, name))
        .watch("Who holds a lock on the table", probe::lock_holders(&table.name));
    b.push(draft);
}
