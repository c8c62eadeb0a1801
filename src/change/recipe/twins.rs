//! Indexes, constraints and statistics built on a second column: each stands in for one of the first column, and in the
//! end bears its name, since error texts, ON CONFLICT and hints know it by that.

use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::{Ident, Index, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Undo};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    Index,
    /// With the index that it owns, if it owns one.
    Constraint,
    /// In this schema, which need not be the table's.
    Statistics(Ident),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    pub what: What,
    pub old: Ident,
    pub new: Ident,
    /// Name of the old one once the new one bears its name.
    pub late: Ident,
}

impl Twin {
    pub fn rename(&self, b: &Builder, table: &TableName, from: &Ident, to: &Ident) -> String {
        match &self.what {
            What::Index => format!("ALTER INDEX {} RENAME TO {}", b.name(&table.sibling(from.0.clone())), b.id(to)),
            What::Constraint => {
                format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", b.name(table), b.id(from), b.id(to))
            }
            What::Statistics(schema) => {
                let full = TableName { schema: schema.clone(), name: from.clone() };
                format!("ALTER STATISTICS {} RENAME TO {}", b.name(&full), b.id(to))
            }
        }
    }

    /// The new one gets the name of the old one, which is gone.
    pub fn inherit(&self, b: &Builder, table: &TableName) -> String {
        self.rename(b, table, &self.new, &self.old)
    }
}

/// The new ones get the names of the old ones, which step aside.
pub fn step_in(b: &Builder, table: &TableName, twins: &[Twin]) -> Vec<String> {
    let both = |t: &Twin| [t.rename(b, table, &t.old, &t.late), t.rename(b, table, &t.new, &t.old)];
    twins.iter().flat_map(both).collect()
}

/// Every name as it was before [`step_in`].
pub fn step_back(b: &Builder, table: &TableName, twins: &[Twin]) -> Vec<String> {
    let both = |t: &Twin| [t.rename(b, table, &t.old, &t.new), t.rename(b, table, &t.late, &t.old)];
    twins.iter().flat_map(both).collect()
}

/// Whether the second column can identify rows where the first one does: before 12 it stays nullable, with a CHECK.
///
/// # Errors
/// [`Refusal`] naming the index.
pub fn can_identify(b: &Builder, table: &Table, column: &Ident) -> Result<(), Refusal> {
    let identity = table.replica_identity.as_deref().and_then(|i| i.strip_prefix("index "));
    let index = identity.and_then(|name| table.index(&Ident::new(name)));
    match index.filter(|i| i.uses.contains(column) && !b.since(12)) {
        None => Ok(()),
        Some(index) => Err(Refusal::new(
            format!(
                "index `{}` over `{column}` identifies the rows of `{}` to replicas, and needs NOT NULL, which PostgreSQL {} sets only by a full scan under ACCESS EXCLUSIVE",
                index.name, table.name, b.catalog.server.version.major
            ),
            format!("Choose another way first: `ALTER TABLE {} REPLICA IDENTITY …`.", b.name(&table.name)),
        )),
    }
}

/// By which name an index is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The old one's: after an exchange of names.
    Old,
    New,
}

/// The table's CLUSTER index and replica identity, where one of the old indexes is it.
pub fn marks(b: &Builder, table: &Table, twins: &[Twin], by: By) -> Vec<String> {
    let t = b.name(&table.name);
    let mut sql = Vec::new();
    for index in &table.indexes {
        let Some(twin) = twin_of(index, twins) else { continue };
        let name = b.id(if by == By::Old { &index.name } else { &twin.new });
        if index.clustered {
            sql.push(format!("ALTER TABLE {t} CLUSTER ON {name}"));
        }
        if identifies(table, index) {
            sql.push(format!("ALTER TABLE {t} REPLICA IDENTITY USING INDEX {name}"));
        }
    }
    sql
}

/// The new indexes take over as CLUSTER index and replica identity while both columns are in force.
pub fn hand_over(b: &mut Builder, table: &Table, twins: &[Twin]) {
    let (sql, undo) = (marks(b, table, twins, By::New), marks(b, table, twins, By::Old));
    if sql.is_empty() {
        return;
    }
    let done: Vec<String> = table
        .indexes
        .iter()
        .filter(|i| i.clustered || identifies(table, i))
        .filter_map(|i| {
            let new = table.name.sibling(twin_of(i, twins)?.new.0.clone());
            Some(probe::index_is_marked(&new, i.clustered, identifies(table, i)))
        })
        .collect();
    b.push(
        Draft::sql(
            PhaseName::Switch,
            Rank::Swap,
            format!("Let the new indexes of `{}` identify and order its rows", table.name),
            sql,
            b.brief(),
        )
        .why("Without a replica identity, UPDATE and DELETE on a published table fail; it would go with the old index.")
        .on(&table.name)
        .undo(b.undo_sql(undo, "Catalog only; brief lock."))
        .done(probe::all(&done))
        .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
    );
}

/// True if the index is the table's replica identity.
pub fn identifies(table: &Table, index: &Index) -> bool {
    table.replica_identity.as_deref() == Some(&format!("index {}", index.name.as_str()))
}

fn twin_of<'t>(index: &Index, twins: &'t [Twin]) -> Option<&'t Twin> {
    let name = index.constraint.as_ref().unwrap_or(&index.name);
    twins.iter().find(|t| t.old == *name && !matches!(t.what, What::Statistics(_)))
}

/// Comments, and statistics targets of expression keys: one brief step.
pub fn describe(b: &mut Builder, table: &Table, twins: &[Twin]) {
    let mut sql = Vec::new();
    let mut done = Vec::new();
    let d = b.dialect();
    for twin in twins {
        let index = table.indexes.iter().find(|i| match twin.what {
            What::Index => i.name == twin.old,
            What::Constraint => i.constraint.as_ref() == Some(&twin.old),
            What::Statistics(_) => false,
        });
        let full = table.name.sibling(twin.new.0.clone());
        if let Some(index) = index {
            if let Some(comment) = &index.comment {
                sql.push(format!("COMMENT ON INDEX {} IS {}", b.name(&full), d.literal(comment)));
                done.push(probe::index_comment_is(&full, comment));
            }
            for (place, target) in &index.statistics {
                sql.push(format!("ALTER INDEX {} ALTER COLUMN {place} SET STATISTICS {target}", b.name(&full)));
                done.push(probe::index_statistics_are(&full, *place, *target));
            }
        }
        let constraint = (twin.what == What::Constraint).then(|| table.constraint(&twin.old)).flatten();
        if let Some(comment) = constraint.and_then(|c| c.comment.as_ref()) {
            let t = b.name(&table.name);
            sql.push(format!("COMMENT ON CONSTRAINT {} ON {t} IS {}", b.id(&twin.new), d.literal(comment)));
            done.push(probe::constraint_comment_is(&table.name, &twin.new, comment));
        }
    }
    if sql.is_empty() {
        return;
    }
    let title = format!("Give the new indexes and constraints of `{}` what is said of the old ones", table.name);
    let mut draft = Draft::sql(PhaseName::Migrate, Rank::Other, title, sql, b.brief())
        .why("Comments and statistics targets belong to the object, not to its definition.")
        .on(&table.name)
        .done(probe::all(&done));
    draft.undo = Undo::Nothing { because: "It goes with the new objects.".to_owned() };
    b.push(draft);
}
