//! ATTACH PARTITION, and CREATE TABLE … PARTITION OF, which is better made as a table and attached.

use super::form::Spec;
use super::recipe::partition::{self, Joining};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::{Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity};
use crate::sql::{Alter, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct AttachPartition {
    parent: TableName,
    child: TableName,
    bounds: String,
    /// The CREATE TABLE of the same script, if the child is new.
    creates: Option<String>,
}

impl Kind for AttachPartition {
    const NAME: &'static str = "attach-partition";
    const TITLE: &'static str = "Attach a partition";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=page_views} ATTACH PARTITION {partition:table=page_views_2026_07} FOR VALUES {bounds:sql=FROM ('2026-07-01') TO ('2026-08-01')};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, parent, action)| match action {
                Alter::AttachPartition { partition, bounds } => {
                    wish.table(parent)?;
                    let child = partition.resolve(wish.catalog);
                    let mut atoms = vec![at];
                    let mut creates = None;
                    if wish.table(&child).is_none() {
                        let made = wish.statements().find(|(_, s)| matches!(s, Statement::CreateTable { table, .. } if table.resolve(wish.catalog) == child));
                        let (made, _) = made?;
                        creates = wish.atoms.get(made).map(|a| a.text.trim().to_owned());
                        atoms.insert(0, made);
                        atoms.sort_unstable();
                    }
                    let change = Self { parent: parent.clone(), child, bounds: bounds.clone(), creates };
                    Some(Claim { atoms, change })
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Attach `{}` to `{}`", self.child, self.parent)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.parent.clone(), self.child.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let parent = b.catalog.table(&self.parent).ok_or_else(|| created_here(&self.parent))?;
        let child = b.catalog.table(&self.child);
        let joining = Joining { parent, name: &self.child, child, bounds: &self.bounds };
        if let Some(sql) = &self.creates {
            b.reserve(&self.child.name);
            created(b, &self.child, sql.clone(), "As the script writes it.");
        }
        let default = partition::default_of(b.catalog, &self.parent);
        if let Some(reason) = child.and_then(|c| b.direct(c)).filter(|_| default.is_none_or(|d| b.direct(d).is_some()))
        {
            direct(b, self, child);
            return Ok(reason);
        }
        if child.is_some() {
            b.finding(
                Severity::Note,
                format!(
                    "From the CHECK of its bounds on, `{}` takes only rows within them, whoever writes to it directly.",
                    self.child
                ),
            );
        }
        partition::attach(b, &joining)?;
        Ok("online: what the server would read or build under its lock is proved and built before".to_owned())
    }
}

fn direct(b: &mut Builder, change: &AttachPartition, child: Option<&Table>) {
    let (p, c) = (b.name(&change.parent), b.name(&change.child));
    if let (Some(parent), Some(child)) = (b.catalog.table(&change.parent), child)
        && !crate::engine::bounds::missing_indexes(parent, child).is_empty()
    {
        b.finding(
            Severity::Note,
            format!(
                "The ATTACH builds on `{}` what it lacks of the parent's indexes; they stay when it is undone.",
                child.name
            ),
        );
    }
    super::direct_step(
        b,
        PhaseName::Migrate,
        Rank::Swap,
        &change.title(),
        &change.parent,
        vec![format!("ALTER TABLE {p} ATTACH PARTITION {c} {}", change.bounds.trim())],
        vec![format!("ALTER TABLE {p} DETACH PARTITION {c}")],
        partition::attached(b, &change.parent, &change.child),
    );
}

fn created(b: &mut Builder, table: &TableName, sql: String, why: &str) {
    let draft = Draft::sql(PhaseName::Expand, Rank::CreateObject, format!("Create `{table}`"), vec![sql], b.brief())
        .why(why)
        .on(table)
        .undo(b.undo_sql(vec![format!("DROP TABLE {}", b.name(table))], "Drops the new table with its rows."))
        .done(probe::relation_exists(table));
    b.push(draft);
}

#[derive(Debug, Clone, PartialEq)]
pub struct CreatePartition {
    parent: TableName,
    child: TableName,
    bounds: String,
    /// ` PARTITION BY …` behind the bounds.
    by: String,
    sql: String,
}

impl Kind for CreatePartition {
    const NAME: &'static str = "create-partition";
    const TITLE: &'static str = "Create a partition";
    const FORMS: &'static [Spec] = &[(
        "",
        "CREATE TABLE {partition:new table=page_views_2026_07} PARTITION OF {table:table=page_views} FOR VALUES {bounds:sql=FROM ('2026-07-01') TO ('2026-08-01')};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| match statement {
                Statement::CreateTable {
                    table,
                    partition_of: Some(parent),
                    bounds,
                    partition_by,
                    columns,
                    constraints,
                    if_not_exists: false,
                    ..
                } => {
                    let parent = parent.resolve(wish.catalog);
                    wish.table(&parent)?;
                    let sql = wish.atoms.get(at)?.text.trim().to_owned();
                    let by =
                        partition_by.as_ref().map(|b| format!(" PARTITION BY {}", b.definition)).unwrap_or_default();
                    let tail = sql.get(sql.rfind(bounds.as_str())? + bounds.len()..)?.trim().to_owned();
                    let plain = columns.is_empty() && constraints.is_empty();
                    // Storage options and a tablespace are left to the statement as it is written.
                    let told = tail.is_empty() || (partition_by.is_some() && by.trim().len() == tail.len());
                    (plain && told).then(|| {
                        let child = table.resolve(wish.catalog);
                        Claim::one(at, Self { parent, child, bounds: bounds.clone(), by, sql })
                    })
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Create partition `{}` of `{}`", self.child, self.parent)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.parent.clone(), self.child.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let parent = b.catalog.table(&self.parent).ok_or_else(|| created_here(&self.parent))?;
        b.reserve(&self.child.name);
        let joining = Joining { parent, name: &self.child, child: None, bounds: &self.bounds };
        if b.since(12) {
            let (p, c) = (b.name(&self.parent), b.name(&self.child));
            created(
                b,
                &self.child,
                format!(
                    "CREATE TABLE {c} (LIKE {p} INCLUDING ALL EXCLUDING IDENTITY EXCLUDING COMMENTS EXCLUDING STATISTICS){}",
                    self.by
                ),
                "PARTITION OF would lock the parent against reads; a table of its own that is attached later does not.",
            );
            partition::attach(b, &joining)?;
            return Ok("online: created as a table of its own, then attached".to_owned());
        }
        partition::create(b, &joining, &self.sql)?;
        Ok(format!("direct: attaching locks the parent too on PostgreSQL {}; brief", b.catalog.server.version.major))
    }
}
