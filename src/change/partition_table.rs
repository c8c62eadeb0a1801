//! A table that becomes the first partition of a partitioned one of its own name, without copying a row: renamed, the new
//! parent created in its place, attached. Everything that reads or builds is done before; the swap is one short transaction.

use super::form::Spec;
use super::recipe::constraint::{Proof, Rows, add_then_validate};
use super::recipe::index::{NewIndex, Unique, build};
use super::recipe::{grants, partition};
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::bounds;
use crate::engine::emit::probe;
use crate::model::objects::PartitionKey;
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, TransactionMode, Undo};
use crate::sql::{Alter, ConstraintBody, Statement, serial_base};

#[derive(Debug, Clone, PartialEq)]
pub struct PartitionTable {
    table: TableName,
    legacy: TableName,
    bounds: String,
    /// The script's own statements in their order, with the new primary key taken out.
    statements: Vec<String>,
    /// Which of them makes the new table LIKE the old one, the helper CHECK included.
    copies: Option<usize>,
    key: PartitionKey,
    /// The new primary key of the old table, if the script changes it.
    primary: Option<Vec<Ident>>,
    /// The parent as the script leaves it.
    becomes: Box<Table>,
    /// A part of the script that changes the table as well.
    other: Option<String>,
    /// A column of the new table that counts for itself.
    counts_anew: Option<Ident>,
}

impl Kind for PartitionTable {
    const NAME: &'static str = "partition-table";
    const TITLE: &'static str = "Partition a table in place";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=events} RENAME TO {old name:new=events_old};\nCREATE TABLE {table} (LIKE {old name} INCLUDING DEFAULTS) PARTITION BY {by:RANGE|LIST=RANGE} ({key:column=created_at});\nALTER TABLE {table} ATTACH PARTITION {old name} FOR VALUES {bounds:sql=FROM (MINVALUE) TO ('2027-01-01')};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let renames = wish.alters().filter_map(|(at, table, action)| match action {
            Alter::RenameTable { to } => wish.table(table).map(|_| (at, table.clone(), table.sibling(&to.0))),
            _ => None,
        });
        renames.filter_map(|(at, table, legacy)| claim(wish, at, &table, &legacy)).collect()
    }

    fn title(&self) -> String {
        format!("Partition `{}` in place, its rows as `{}`", self.table, self.legacy)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        self.possible(b, table)?;
        b.reserve(&self.legacy.name);
        self.tell(b, table);
        let primary = self.primary.as_ref().map(|columns| self.new_key(b, table, columns)).transpose()?;
        let helper = self.prove(b, table)?;
        let swap = b.push(self.swap(b, table, primary.as_ref(), &helper));
        let (l, n) = (b.name(&self.legacy), b.id(&helper.0));
        b.push(
            Draft::sql(
                PhaseName::Migrate,
                Rank::Other,
                format!("Drop the helper CHECK `{}` of `{}`", helper.0, self.legacy),
                vec![format!("ALTER TABLE {l} DROP CONSTRAINT {n}")],
                b.brief(),
            )
            .why("The bounds themselves say it now, and every write would check it twice.")
            .on(&self.table)
            .undo(b.undo_sql(
                vec![format!("ALTER TABLE {l} ADD CONSTRAINT {n} CHECK ({}) NOT VALID", helper.1)],
                "Catalog only; brief lock.",
            ))
            .done(format!("SELECT {} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = {0} AND conname = {})", crate::engine::emit::regclass(&self.legacy), b.dialect().literal(helper.0.as_str()))),
        );
        if let (Some(new), Some(old)) = (&self.primary, table.primary_key()) {
            let (old, new) = (listed(&old.columns), listed(new));
            b.need(Need::new(Slot::Tolerate, Placement::Fixed, &self.table).say(format!(
                "No `ON CONFLICT` over {old} alone on `{}`: from the swap on only {new} together are unique.",
                self.table
            )));
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::After(swap),
                because: format!(
                    "may use `ON CONFLICT` over {old} of `{}`, which is no longer unique by itself",
                    self.table
                ),
            });
        }
        Ok("online: no row is copied; the table becomes a partition in one short transaction".to_owned())
    }
}

fn claim(wish: &Wish, at: usize, table: &TableName, legacy: &TableName) -> Option<Claim<PartitionTable>> {
    let d = crate::engine::dialect(wish.catalog.server.engine);
    let becomes = Box::new(wish.target.table(table).filter(|t| t.kind == TableKind::Partitioned)?.clone());
    let key = becomes.partition_key.clone()?;
    let (mut bounds, mut primary, mut counts_anew, mut other, mut copies) = (None, None, None, None, None);
    let mut atoms = Vec::new();
    let mut texts: Vec<String> = Vec::new();
    for (number, atom) in wish.atoms.iter().enumerate() {
        match &atom.part {
            Part::Alter { table: on, action } if number == at || on == legacy || on == table => {
                match action {
                    Alter::AttachPartition { partition, bounds: of } if partition.resolve(wish.catalog) == *legacy => {
                        bounds = Some(of.clone());
                    }
                    Alter::AddConstraint(c) if on == legacy => match &c.body {
                        ConstraintBody::PrimaryKey { columns, .. } => {
                            primary = Some(columns.clone());
                            atoms.push(number);
                            continue;
                        }
                        _ => other = Some(atom.text.to_owned()),
                    },
                    Alter::DropConstraint { name, .. } if on == legacy => {
                        let old = wish.table(table)?.primary_key()?;
                        if old.name == *name {
                            atoms.push(number);
                            continue;
                        }
                        other = Some(atom.text.to_owned());
                    }
                    _ if number == at => {}
                    _ => other = Some(atom.text.to_owned()),
                }
                atoms.push(number);
                texts.push(format!("ALTER TABLE {} {}", d.name(on), atom.text));
            }
            Part::Whole(Statement::CreateTable { table: new, partition_of, columns, like, .. }) => {
                let parent = partition_of.as_ref().map(|p| p.resolve(wish.catalog));
                if new.resolve(wish.catalog) != *table && parent.as_ref() != Some(table) {
                    continue;
                }
                let serial = columns.iter().find(|c| c.identity.is_some() || serial_base(&c.data_type).is_some());
                counts_anew = counts_anew.or_else(|| serial.map(|c| c.name.clone()));
                atoms.push(number);
                copies = copies.or_else(|| (!like.is_empty()).then_some(texts.len()));
                texts.push(atom.text.trim().to_owned());
            }
            Part::Whole(whole)
                if whole.objects().iter().any(|o| [table, legacy].contains(&&o.resolve(wish.catalog))) =>
            {
                other = Some(atom.text.to_owned());
            }
            _ => {}
        }
    }
    let change = PartitionTable {
        table: table.clone(),
        legacy: legacy.clone(),
        bounds: bounds?,
        statements: texts,
        copies,
        key,
        primary,
        becomes,
        other,
        counts_anew,
    };
    Some(Claim { atoms, change })
}

impl PartitionTable {
    fn possible(&self, b: &Builder, table: &Table) -> Result<(), Refusal> {
        let t = &self.table;
        if !b.since(12) {
            return Err(Refusal::new(
                format!("partitioning `{t}` in place is planned from PostgreSQL 12 on"),
                "Before, an ATTACH locks the parent, and many properties do not reach the partitions.",
            ));
        }
        if table.kind != TableKind::Ordinary || table.partition_of.is_some() {
            return Err(Refusal::new(
                format!("`{t}` is partitioned, a partition or a foreign table"),
                "Plan it on an ordinary table.",
            ));
        }
        if let Some(other) = &self.other {
            return Err(Refusal::new(
                format!(
                    "`{t}` is partitioned in place and changed otherwise in one script: `{}`",
                    crate::model::name::shown(other)
                ),
                "Plan the other change before or after, as a script of its own.",
            ));
        }
        if let Some((other, key)) = b.catalog.referenced_by(t).next() {
            return Err(Refusal::new(
                format!(
                    "foreign key `{}` of `{}` references `{t}`: after the swap only the key with the partition key is unique, which it does not hold",
                    key.name, other.name
                ),
                "Drop it first, as a plan of its own, or let it hold the partition key as well.",
            ));
        }
        let counting = table.columns.iter().find(|c| c.identity.is_some()).map(|c| c.name.clone());
        if let Some(column) = counting.or_else(|| self.counts_anew.clone()) {
            return Err(Refusal::new(
                format!("`{column}` of `{t}` is an identity or serial column: the new parent would count from 1 again"),
                "Give it a plain sequence first (`DROP IDENTITY`, `CREATE SEQUENCE`, `SET DEFAULT nextval(…)`), and write the same default for the new table, or LIKE … INCLUDING ALL.",
            ));
        }
        let hanging = [
            (table.triggers.first().map(|x| x.name.to_string()), "trigger"),
            (table.policies.first().map(|x| x.name.to_string()), "policy"),
            (b.catalog.views_using(t, &[]).next().map(|v| v.name.to_string()), "view"),
            (
                b.catalog
                    .publications
                    .iter()
                    .find(|p| p.tables.iter().any(|x| x.table == *t))
                    .map(|p| p.name.to_string()),
                "publication",
            ),
        ];
        if let Some((name, what)) = hanging.into_iter().find_map(|(name, what)| Some((name?, what))) {
            return Err(Refusal::new(
                format!("{what} `{name}` hangs on `{t}` and would stay with the old rows alone"),
                "Drop it before and create it on the new table afterwards, each as a plan of its own; a view can be made to read a new name first.",
            ));
        }
        let lost = table.constraints.iter().find(|c| {
            c.kind == ConstraintKind::ForeignKey
                && !self.becomes.constraints.iter().any(|n| n.columns == c.columns && n.references == c.references)
        });
        if let Some(lost) = lost {
            return Err(Refusal::new(
                format!("the new `{t}` has no foreign key like `{}`: new partitions would be without it", lost.name),
                format!("Write `{}` in its CREATE TABLE; the one that stands is adopted.", lost.definition),
            ));
        }
        Ok(())
    }

    /// What is unique or indexed today and will not be on the whole.
    fn tell(&self, b: &mut Builder, table: &Table) {
        let on_parent = |keys: &[Option<Ident>]| self.becomes.indexes.iter().any(|i| i.keys == keys);
        for index in table.indexes.iter().filter(|i| !i.primary && !on_parent(&i.keys)) {
            let what = if index.unique { "unique within" } else { "there for" };
            b.finding(
                Severity::Warning,
                format!("Index `{}` stays {what} `{}` alone: the new table does not have it.", index.name, self.legacy),
            );
        }
        if let (Some(new), Some(old)) = (&self.primary, table.primary_key()) {
            b.finding(
                Severity::Warning,
                format!(
                    "{} of `{}` is no longer unique by itself: two rows with the same value and another {} are taken. A sequence keeps giving different values; nothing else does.",
                    listed(&old.columns),
                    self.table,
                    listed(&new.iter().filter(|c| !old.columns.contains(c)).cloned().collect::<Vec<_>>())
                ),
            );
        }
    }

    /// The index that will be the primary key of the old rows; answers its name and the constraint's.
    fn new_key(&self, b: &mut Builder, table: &Table, columns: &[Ident]) -> Result<Ident, Refusal> {
        if let Some(nullable) = columns.iter().find(|c| table.column(c).is_some_and(|c| !c.not_null)) {
            return Err(Refusal::new(
                format!("`{nullable}` of `{}` may be NULL, which a primary key does not take", self.table),
                "Set it NOT NULL first, as a plan of its own.",
            ));
        }
        let name = b.fresh(&self.table, &[self.legacy.name.as_str(), "pkey"]);
        let index = NewIndex {
            name: name.clone(),
            unique: Unique::Yes,
            definition: format!("({})", b.ids(columns)),
            why: "The key that the partitioned table needs; the old one stays until the swap.".to_owned(),
        };
        build(b, table, &index)?;
        Ok(name)
    }

    /// The CHECK that lets the ATTACH read nothing: name and expression.
    fn prove(&self, b: &mut Builder, table: &Table) -> Result<(Ident, String), Refusal> {
        let mut parent = Table::new(self.table.clone(), table.columns.clone());
        parent.partition_key = Some(self.key.clone());
        let Some(all) = bounds::conditions(b.catalog, &parent, &self.bounds) else {
            return Err(Refusal::new(
                format!(
                    "the bounds of `{}` cannot be said by a CHECK, so that attaching it would read all rows under the lock of the swap",
                    self.legacy
                ),
                "Give it FROM (…) TO (…), or IN (…), over plain columns; a first DEFAULT partition would be read again for every partition that follows.",
            ));
        };
        let expression = all.join(" AND ");
        let name = b.fresh(&self.table, &[self.table.name.as_str(), "bounds", "check"]);
        b.push(
            Draft::verify(
                PhaseName::Prepare,
                Rank::Check,
                format!("Every row of `{}` lies within the bounds of `{}`", self.table, self.legacy),
                format!("SELECT NOT EXISTS (SELECT 1 FROM {} WHERE NOT ({expression}))", b.name(&self.table)),
            )
            .why("All of today's rows are to be in the one partition.")
            .on(&self.table),
        );
        b.finding(
            Severity::Warning,
            format!("From the CHECK `{name}` on until the swap, rows beyond `{}` are refused: choose an upper bound that new rows do not reach before.", self.bounds.trim()),
        );
        let body = format!("CHECK ({expression})");
        add_then_validate(
            b,
            &self.table,
            &name,
            &Proof { body: &body, what: "CHECK", partner: None, rows: Rows::Existing, adopted: true },
        );
        Ok((name, expression))
    }

    fn swap(&self, b: &Builder, table: &Table, primary: Option<&Ident>, helper: &(Ident, String)) -> Draft {
        let (t, l) = (b.name(&self.table), b.name(&self.legacy));
        let mut sql = Vec::new();
        for (nth, statement) in self.statements.iter().enumerate() {
            sql.push(statement.clone());
            if self.copies == Some(nth) {
                sql.push(format!("ALTER TABLE {t} DROP CONSTRAINT IF EXISTS {}", b.id(&helper.0)));
            }
            // Directly behind the rename: the new table may be LIKE this one.
            if let (0, Some(index)) = (nth, primary) {
                let n = b.id(index);
                let drop =
                    table.primary_key().map(|old| format!("DROP CONSTRAINT {}, ", b.id(&old.name))).unwrap_or_default();
                sql.push(format!("ALTER TABLE {l} {drop}ADD CONSTRAINT {n} PRIMARY KEY USING INDEX {n}"));
            }
        }
        let owned: Vec<_> = b
            .catalog
            .sequences
            .iter()
            .filter_map(|s| Some((s.name.clone(), s.owned_by.clone().filter(|o| o.table == self.table)?.column)))
            .collect();
        for (sequence, column) in &owned {
            sql.push(format!("ALTER SEQUENCE {} OWNED BY {t}.{}", b.name(sequence), b.id(column)));
        }
        if let Some(comment) = &table.comment {
            sql.push(format!("COMMENT ON TABLE {t} IS {}", b.dialect().literal(comment)));
        }
        sql.extend(grants::again(b.dialect(), &table.grants, table.owner.as_ref(), &t, None, false));
        Draft::sql(PhaseName::Migrate, Rank::Swap, format!("Put the partitioned `{}` in its place", self.table), sql, b.brief())
            .why("One short transaction under ACCESS EXCLUSIVE: nothing is read or built, what is attached is proved. Sessions that have prepared statements plan them anew.")
            .on(&self.table)
            .undo(self.back(b, table, primary, helper, &owned))
            .done(partition::attached(b, &self.table, &self.legacy))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table))
            .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.")
    }

    fn back(
        &self,
        b: &Builder,
        table: &Table,
        primary: Option<&Ident>,
        helper: &(Ident, String),
        owned: &[(TableName, Ident)],
    ) -> Undo {
        let (t, l) = (b.name(&self.table), b.name(&self.legacy));
        let columns: Vec<Ident> =
            table.columns.iter().filter(|c| c.generated.is_none()).map(|c| c.name.clone()).collect();
        let columns = b.ids(&columns);
        let mut sql = vec![
            format!("ALTER TABLE {t} DETACH PARTITION {l}"),
            format!("ALTER TABLE {l} DROP CONSTRAINT IF EXISTS {}", b.id(&helper.0)),
            format!("INSERT INTO {l} ({columns}) SELECT {columns} FROM {t}"),
        ];
        for (sequence, column) in owned {
            sql.push(format!("ALTER SEQUENCE {} OWNED BY {l}.{}", b.name(sequence), b.id(column)));
        }
        sql.push(format!("DROP TABLE {t}"));
        if let (Some(new), Some(old)) = (primary, table.primary_key()) {
            sql.push(format!("ALTER TABLE {l} DROP CONSTRAINT {}, {}", b.id(new), add_again(b, old)));
        }
        sql.push(format!("ALTER TABLE {l} RENAME TO {}", b.id(&self.table.name)));
        Undo::Sql {
            sql,
            transaction: TransactionMode::Single,
            timeouts: b.validating(),
            because: "Rows written to the new partitions go back into the old table, and its old primary key is built anew, all under ACCESS EXCLUSIVE: reads and writes wait that long. It fails if two rows have come to share the old key.".to_owned(),
        }
    }
}

fn add_again(b: &Builder, old: &Constraint) -> String {
    format!("ADD CONSTRAINT {} {}", b.id(&old.name), old.definition)
}
