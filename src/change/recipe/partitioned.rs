//! Indexes, keys and foreign keys of a partitioned table, put together from those of its partitions: what the server would
//! do to all of them at once under one lock is done leaf by leaf, and the parents adopt it.

use super::constraint::{ForeignKey, Proof, Rows, UniqueBody, add_then_validate};
use super::index::{NewIndex, Unique, concurrent, leftover_check};
use crate::change::Refusal;
use crate::engine::emit::{probe, regclass};
use crate::model::{Catalog, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::{PhaseName, Undo};

const ALL_AT_ONCE: &str = "Locks the parent and every partition for a moment.";

/// The lowest partitions, which hold the rows, in the order of their names.
pub fn leaves<'c>(catalog: &'c Catalog, table: &'c TableName) -> Vec<&'c Table> {
    let mut found = Vec::new();
    for part in catalog.partitions_of(table) {
        if part.kind == TableKind::Partitioned {
            found.extend(leaves(catalog, &part.name));
        } else {
            found.push(part);
        }
    }
    found
}

/// What is put together, level by level.
struct Tree<'n> {
    index: &'n NewIndex,
    /// Where the pieces are put together: a primary key after its columns are NOT NULL.
    rank: Rank,
    /// The constraint that owns the index, if it is one's: `UNIQUE` or `PRIMARY KEY`, columns and the rest.
    key: Option<KeyText>,
}

struct KeyText {
    /// `UNIQUE (a, b) INCLUDE (c)`.
    whole: String,
    /// `UNIQUE`.
    word: &'static str,
    trailer: String,
}

/// `ON ONLY` the parent, then each partition concurrently, then attach: the parent's index turns valid with the last one.
///
/// # Errors
/// [`Refusal`] before 11, without a partition, or with a partition that is a foreign table.
pub fn index(b: &mut Builder, table: &Table, index: &NewIndex) -> Result<Key, Refusal> {
    possible(b, table, "index")?;
    level(b, table, &index.name, &Tree { index, rank: Rank::Index, key: None })
}

/// UNIQUE or PRIMARY KEY: an empty one `ON ONLY` the parent, then each partition's own over an index built concurrently.
///
/// # Errors
/// As [`index`]; and if a partition has another primary key.
pub fn key(b: &mut Builder, table: &Table, index: &NewIndex, body: &UniqueBody) -> Result<Key, Refusal> {
    possible(b, table, "key")?;
    let missing = table.partition_key.iter().flat_map(|k| &k.columns).find(|c| !body.columns.contains(c));
    if let Some(missing) = missing {
        return Err(Refusal::new(
            format!(
                "a key of the partitioned table `{}` must hold its partition key: `{missing}` is missing",
                table.name
            ),
            "Add the column to the key, or make the rule hold per partition only, by a unique index on each.",
        ));
    }
    let family = leaves(b.catalog, &table.name);
    let other = family.iter().find(|t| t.primary_key().is_some());
    if let Some(other) = other.filter(|_| body.primary) {
        return Err(Refusal::new(
            format!("the partition `{}` has a primary key of its own already", other.name),
            "If it is over the same columns, make the parent's with `ALTER TABLE ONLY … ADD PRIMARY KEY` and attach the index; otherwise drop it first.",
        ));
    }
    let word = if body.primary { "PRIMARY KEY" } else { "UNIQUE" };
    let nulls = if body.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
    let include = if body.include.is_empty() { String::new() } else { format!(" INCLUDE ({})", b.ids(body.include)) };
    let whole = format!("{word}{nulls} ({}){include}", b.ids(body.columns));
    let trailer = if body.trailer.is_empty() { String::new() } else { format!(" {}", body.trailer) };
    let rank = if body.primary { Rank::Swap } else { Rank::Attach };
    level(b, table, &index.name, &Tree { index, rank, key: Some(KeyText { whole, word, trailer }) })
}

fn possible(b: &Builder, table: &Table, what: &str) -> Result<(), Refusal> {
    if !b.since(11) {
        return Err(Refusal::new(
            format!("PostgreSQL {} has no {what} on a partitioned table", b.catalog.server.version.major),
            format!("Create the {what} on each partition."),
        ));
    }
    let leaves = leaves(b.catalog, &table.name);
    if let Some(foreign) = leaves.iter().find(|t| t.kind == TableKind::Foreign) {
        return Err(Refusal::new(
            format!(
                "the partition `{}` of `{}` is a foreign table, which can have no {what} here",
                foreign.name, table.name
            ),
            "Detach it first, or create the index on the other partitions one by one.",
        ));
    }
    if leaves.is_empty() {
        return Err(Refusal::new(
            format!("`{}` has no partition yet", table.name),
            "Ask for it with `--strategy direct`: there is nothing to block.",
        ));
    }
    Ok(())
}

fn level(b: &mut Builder, table: &Table, name: &Ident, tree: &Tree) -> Result<Key, Refusal> {
    let mut last = on_parent(b, table, name, tree);
    let parts: Vec<Table> = b.catalog.partitions_of(&table.name).cloned().collect();
    for part in &parts {
        let own = b.fresh(&part.name, &[part.name.name.as_str(), tree.index.name.as_str()]);
        if part.kind == TableKind::Partitioned {
            level(b, part, &own, tree)?;
        } else {
            leftover_check(b, &part.name, &own);
            let new = NewIndex { name: own.clone(), ..tree.index.clone() };
            b.push(concurrent(b, &part.name, &new, format!("Build its part `{own}` on `{}`", part.name)));
        }
        last = attach(b, table, name, part, &own, tree);
    }
    Ok(last)
}

fn on_parent(b: &mut Builder, table: &Table, name: &Ident, tree: &Tree) -> Key {
    let full = table.name.sibling(name.0.clone());
    let (t, n) = (b.name(&table.name), b.id(name));
    let draft = match &tree.key {
        Some(key) => Draft::sql(
            PhaseName::Migrate,
            tree.rank,
            format!("Create the empty constraint `{name}` on `{}` only", table.name),
            vec![format!("ALTER TABLE ONLY {t} ADD CONSTRAINT {n} {}{}", key.whole, key.trailer)],
            b.brief(),
        )
        .done(probe::constraint_exists(&table.name, name))
        .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
        None => {
            let unique = if tree.index.unique == Unique::Yes { "UNIQUE " } else { "" };
            Draft::sql(
                PhaseName::Migrate,
                tree.rank,
                format!("Create the empty index `{name}` on `{}` only", table.name),
                vec![format!("CREATE {unique}INDEX {n} ON ONLY {t} {}", tree.index.definition)],
                b.brief(),
            )
            .done(probe::relation_exists(&full))
        }
    };
    let why = match tree.key {
        Some(_) => {
            "USING INDEX is refused on a partitioned table. The parent holds no rows, so this is brief; the constraint's index stays invalid until every partition has its part."
        }
        None => {
            "CREATE INDEX CONCURRENTLY is refused on a partitioned table. The parent holds no rows, so this is brief; the index stays invalid until every partition has its part."
        }
    };
    let undo = undo(b, &table.name, name, tree, ALL_AT_ONCE);
    b.push(draft.why(why).on(&table.name).undo(undo))
}

fn attach(b: &mut Builder, parent: &Table, name: &Ident, part: &Table, own: &Ident, tree: &Tree) -> Key {
    let (full, piece) = (parent.name.sibling(name.0.clone()), part.name.sibling(own.0.clone()));
    let mut sql = Vec::new();
    let mut why = "Catalog only.";
    if let Some(key) = tree.key.as_ref().filter(|_| part.kind != TableKind::Partitioned) {
        let (t, n) = (b.name(&part.name), b.id(own));
        sql.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {} USING INDEX {n}{}", key.word, key.trailer));
        why = "Makes the partition's index its constraint, then the parent's share; catalog only.";
    }
    sql.push(format!("ALTER INDEX {} ATTACH PARTITION {}", b.name(&full), b.name(&piece)));
    let draft =
        Draft::sql(PhaseName::Migrate, tree.rank, format!("Attach `{own}` to `{name}`"), sql, b.brief())
            .why(why)
            .on(&part.name)
            // While it is attached it cannot be dropped on its own (2BP01), and there is no way to detach an index.
            .undo(undo(
                b,
                &parent.name,
                name,
                tree,
                "An attached part cannot be detached: the parent's goes with all its parts, for which it locks the parent and every partition for a moment.",
            ))
            .done(format!(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits WHERE inhrelid = {} AND inhparent = {})",
                regclass(&piece),
                regclass(&full)
            ));
    b.push(draft)
}

fn undo(b: &Builder, table: &TableName, name: &Ident, tree: &Tree, because: &str) -> Undo {
    let sql = match tree.key {
        Some(_) => format!("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}", b.name(table), b.id(name)),
        None => format!("DROP INDEX IF EXISTS {}", b.name(&table.sibling(name.0.clone()))),
    };
    b.undo_sql(vec![sql], because)
}

/// A foreign key where NOT VALID is refused on the parent (11 to 17): each partition gets its own and proves it, then the
/// parent's adopts them without a scan.
pub fn foreign_key(b: &mut Builder, table: &Table, key: &ForeignKey, body: &str) -> Result<Key, Refusal> {
    possible(b, table, "foreign key")?;
    let parts: Vec<Table> = leaves(b.catalog, &table.name).into_iter().cloned().collect();
    for part in &parts {
        let same = |c: &&crate::model::Constraint| {
            c.kind == ConstraintKind::ForeignKey
                && c.valid
                && c.columns == key.columns
                && c.references.as_ref().is_some_and(|r| r.table == *key.target && r.columns == key.referenced)
        };
        if part.constraints.iter().find(same).is_some_and(|c| c.definition.ends_with(key.actions.trim())) {
            continue;
        }
        let name = if part.constraint(key.name).is_some() {
            b.fresh(&part.name, &[part.name.name.as_str(), key.name.as_str()])
        } else {
            key.name.clone()
        };
        let proof = Proof { body, what: "foreign key", partner: Some(key.target), adopted: true, rows: Rows::New };
        add_then_validate(b, &part.name, &name, &proof);
    }
    let (t, n) = (b.name(&table.name), b.id(key.name));
    let adopt = Draft::sql(
        PhaseName::Migrate,
        Rank::Attach,
        format!("Make the foreign keys of the partitions one: `{}` of `{}`", key.name, table.name),
        vec![format!("ALTER TABLE {t} ADD CONSTRAINT {n} {body}")],
        b.brief(),
    )
    .why(format!(
        "Every partition has proved it, so the parent adopts what stands: nothing is read. `{}` is locked against reads for that moment.",
        key.target
    ))
    .on(&table.name)
    .on(key.target)
    .undo(b.undo_sql(
        vec![format!("ALTER TABLE {t} DROP CONSTRAINT IF EXISTS {n}")],
        "Takes those of the partitions along; brief lock on both tables.",
    ))
    .done(probe::constraint_exists(&table.name, key.name))
    .watch("Who holds a lock on the table", probe::lock_holders(&table.name))
    .watch("Who holds a lock on the referenced table", probe::lock_holders(key.target));
    Ok(b.push(adopt))
}

/// Statements that build an index or key anew on a partitioned table, one after the other outside a transaction.
pub fn index_again(
    b: &Builder,
    table: &Table,
    name: &Ident,
    index: &NewIndex,
    key: Option<(&str, &str)>,
) -> Vec<String> {
    let (t, n) = (b.name(&table.name), b.id(name));
    let unique = if index.unique == Unique::Yes { "UNIQUE " } else { "" };
    let mut sql = vec![match key {
        Some((_, definition)) => format!("ALTER TABLE ONLY {t} ADD CONSTRAINT {n} {definition}"),
        None => format!("CREATE {unique}INDEX {n} ON ONLY {t} {}", index.definition),
    }];
    for part in b.catalog.partitions_of(&table.name) {
        // The name it had: the undo brings back what was there.
        let had = part.indexes.iter().find(|i| shares(table, name, i));
        let own = had.map_or_else(|| Ident::new(format!("{}_{name}", part.name.name)), |i| i.name.clone());
        if part.kind == TableKind::Partitioned {
            sql.extend(index_again(b, part, &own, index, key));
        } else {
            let (t, n) = (b.name(&part.name), b.id(&own));
            sql.push(format!("CREATE {unique}INDEX CONCURRENTLY {n} ON {t} {}", index.definition));
            if let Some((word, _)) = key {
                sql.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {word} USING INDEX {n}"));
            }
        }
        let (whole, piece) = (table.name.sibling(name.0.clone()), part.name.sibling(own.0.clone()));
        sql.push(format!("ALTER INDEX {} ATTACH PARTITION {}", b.name(&whole), b.name(&piece)));
    }
    sql
}

/// Whether `part` is a partition's share in index `name` of `table`, as far as its looks tell.
fn shares(table: &Table, name: &Ident, part: &crate::model::Index) -> bool {
    table.index(name).is_some_and(|i| {
        i.keys == part.keys
            && i.unique == part.unique
            && i.predicate == part.predicate
            && i.constraint.is_some() == part.constraint.is_some()
            && tail(&i.definition) == tail(&part.definition)
    })
}

/// From USING on, where table and index are not named.
pub fn tail(definition: &str) -> &str {
    definition.find(" USING ").and_then(|at| definition.get(at..)).unwrap_or(definition).trim()
}
