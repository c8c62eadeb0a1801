//! ALTER TYPE … ADD VALUE and RENAME VALUE: the readers learn a label before anybody writes it, and no label ever goes away.

use super::form::Spec;
use super::recipe::table::{user_triggers, walkable};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::type_probe;
use crate::engine::user_types;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::Statement;
use crate::sql::data_type::{Place, TypeAction};

#[derive(Debug, Clone, PartialEq)]
pub struct AddEnumValue {
    name: TableName,
    label: String,
    place: Option<Place>,
    /// Tables with a column of the type.
    users: Vec<TableName>,
}

/// Tables with a column of the type, in order, each once.
pub fn tables_of(wish: &Wish, name: &TableName) -> Vec<TableName> {
    let mut tables: Vec<TableName> = Vec::new();
    for (table, _) in user_types::users(wish.catalog, name) {
        if !tables.contains(&table.name) {
            tables.push(table.name.clone());
        }
    }
    tables
}

/// Every ALTER TYPE of the script with its place among the atoms.
pub fn type_actions<'w>(wish: &'w Wish<'w>) -> impl Iterator<Item = (usize, TableName, &'w TypeAction)> {
    wish.statements().filter_map(|(at, statement)| match statement {
        Statement::AlterType(alter) => Some((at, user_types::resolve(wish.catalog, &alter.name), &alter.action)),
        _ => None,
    })
}

impl Kind for AddEnumValue {
    const NAME: &'static str = "add-enum-value";
    const TITLE: &'static str = "Add a value to an enum";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TYPE {type:user type=ticket_priority} ADD VALUE {value:text=critical}[ {place:BEFORE|AFTER=AFTER} {neighbour:text=urgent}];",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        type_actions(wish)
            .filter(|(_, name, _)| wish.catalog.types.iter().any(|t| t.name == *name))
            .filter_map(|(at, name, action)| match action {
                TypeAction::AddValue { label, place, .. } => {
                    let users = tables_of(wish, &name);
                    Some(Claim::one(at, Self { name, label: label.clone(), place: place.clone(), users }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Add `{}` to the enum `{}`", crate::model::name::shown(&self.label), self.name)
    }

    fn tables(&self) -> Vec<TableName> {
        self.users.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let labels = user_types::labels(b.catalog, &user_types::spelled(&self.name, false));
        if labels.is_some_and(|l| l.contains(&self.label)) {
            return Ok("nothing to do: the enum has the label already".to_owned());
        }
        let shown = crate::model::name::shown(&self.label).into_owned();
        add_value(b, &self.name, &self.label, self.place.as_ref());
        for table in &self.users {
            let columns = columns_named(b, table, &self.name);
            b.need(Need::new(Slot::Tolerate, Placement::Fixed, table).say(format!(
                "Bear `{shown}` when reading {columns} of `{table}`: a branch for it, or one for labels that are not known. Do not write it yet."
            )));
            b.need(
                Need::new(Slot::Use, Placement::Earliest, table)
                    .say(format!("May write `{shown}` to {columns} of `{table}`.")),
            );
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::Deployed(Slot::Use),
                because: format!("may meet `{shown}` in {columns} of `{table}`, which it does not know"),
            });
        }
        subscribers(b, &self.name, &self.users, &shown);
        Ok(if self.users.is_empty() {
            "catalog only: no column is of this type".to_owned()
        } else {
            "catalog only; the label is written once every running release can read it".to_owned()
        })
    }
}

/// `status` and `old_status`, the table's columns of the type, in backticks.
fn columns_named(b: &Builder, table: &TableName, name: &TableName) -> String {
    let columns: Vec<Ident> = user_types::users(b.catalog, name)
        .into_iter()
        .filter(|(t, _)| t.name == *table)
        .map(|(_, c)| c.name.clone())
        .collect();
    crate::plan::build::listed(&columns)
}

/// A subscriber applies rows by their text: a label that it does not have stops the subscription.
fn subscribers(b: &mut Builder, name: &TableName, users: &[TableName], shown: &str) {
    let catalog = b.catalog;
    let published =
        catalog.publications.iter().filter(|p| p.all_tables || p.tables.iter().any(|t| users.contains(&t.table)));
    let names: Vec<String> = published.map(|p| format!("`{}`", p.name)).collect();
    if !names.is_empty() {
        b.finding(
            Severity::Warning,
            format!(
                "Add `{shown}` to `{name}` on every subscriber of {} first: a row with a label that the subscriber lacks stops it.",
                names.join(", ")
            ),
        );
    }
}

/// The label itself. It cannot be used before the transaction commits, so nothing shares the step.
fn add_value(b: &mut Builder, name: &TableName, label: &str, place: Option<&Place>) -> Key {
    let d = b.dialect();
    let at = match place {
        Some(Place::Before(other)) => format!(" BEFORE {}", d.literal(other)),
        Some(Place::After(other)) => format!(" AFTER {}", d.literal(other)),
        None => String::new(),
    };
    let sql = format!("ALTER TYPE {} ADD VALUE IF NOT EXISTS {}{at}", d.name(name), d.literal(label));
    let title = format!("Add `{}` to the enum `{name}`", crate::model::name::shown(label));
    let (phase, rank) = (PhaseName::Expand, Rank::CreateObject);
    let mut draft = if b.since(12) {
        Draft::sql(phase, rank, title, vec![sql], b.brief()).why(
            "Locks no table. The label can be used once the transaction has committed, so the step holds nothing else.",
        )
    } else {
        Draft::alone(phase, rank, title, sql, b.brief())
            .why("Locks no table. Before PostgreSQL 12 it cannot run in a transaction.")
    };
    draft.undo = Undo::Nothing {
        because: "PostgreSQL cannot take a label away; one that no row holds does no harm.".to_owned(),
    };
    b.push(draft.done(type_probe::label_exists(name, label)))
}

#[derive(Debug, Clone, PartialEq)]
pub struct RenameEnumValue {
    name: TableName,
    from: String,
    to: String,
    users: Vec<TableName>,
}

impl Kind for RenameEnumValue {
    const NAME: &'static str = "rename-enum-value";
    const TITLE: &'static str = "Rename a value of an enum";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TYPE {type:user type=ticket_priority} RENAME VALUE {value:text=urgent} TO {new value:text=critical};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        type_actions(wish)
            .filter(|(_, name, _)| wish.catalog.types.iter().any(|t| t.name == *name))
            .filter_map(|(at, name, action)| match action {
                TypeAction::RenameValue { from, to } => {
                    let users = tables_of(wish, &name);
                    Some(Claim::one(at, Self { name, from: from.clone(), to: to.clone(), users }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        let shown = |text| crate::model::name::shown(text).into_owned();
        format!("Rename `{}` of the enum `{}` to `{}`", shown(&self.from), self.name, shown(&self.to))
    }

    fn tables(&self) -> Vec<TableName> {
        self.users.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let d = b.dialect();
        if self.users.is_empty() {
            let t = d.name(&self.name);
            let (from, to) = (d.literal(&self.from), d.literal(&self.to));
            b.push(
                Draft::sql(
                    PhaseName::Migrate,
                    Rank::Other,
                    self.title(),
                    vec![format!("ALTER TYPE {t} RENAME VALUE {from} TO {to}")],
                    b.brief(),
                )
                .why("No column is of this type, so no row and no query over a row spells the label.")
                .undo(b.undo_sql(vec![format!("ALTER TYPE {t} RENAME VALUE {to} TO {from}")], "Catalog only."))
                .done(type_probe::label_exists(&self.name, &self.to)),
            );
            return Ok("catalog only: no column is of this type".to_owned());
        }
        self.pinned(b)?;
        add_value(b, &self.name, &self.to, Some(&Place::After(self.from.clone())));
        let (from, to) =
            (crate::model::name::shown(&self.from).into_owned(), crate::model::name::shown(&self.to).into_owned());
        let catalog = b.catalog;
        for table in self.users.iter().filter_map(|t| catalog.table(t)) {
            self.backfill(b, table, &from, &to)?;
        }
        subscribers(b, &self.name, &self.users, &to);
        b.finding(
            Severity::Note,
            format!(
                "`{from}` stays among the labels of `{}`: PostgreSQL cannot drop one. Once the rows are rewritten a later release may forget it; to be rid of it, plan a new enum type without it.",
                self.name
            ),
        );
        Ok("online: a label that is renamed breaks running code at once, so a second one takes over row by row"
            .to_owned())
    }
}

impl RenameEnumValue {
    /// What spells the label in the catalog would go on with the old one.
    fn pinned(&self, b: &Builder) -> Result<(), Refusal> {
        let literal = b.dialect().literal(&self.from);
        let spelled = format!("{literal}::");
        let catalog = b.catalog;
        for table in self.users.iter().filter_map(|t| catalog.table(t)) {
            let columns: Vec<&Ident> = table
                .columns
                .iter()
                .filter(|c| user_types::find(catalog, &c.data_type).is_some_and(|t| t.name == self.name))
                .map(|c| &c.name)
                .collect();
            let texts = table
                .constraints
                .iter()
                .map(|c| ("constraint", &c.name, c.definition.clone()))
                .chain(table.indexes.iter().map(|i| ("index", &i.name, i.definition.clone())))
                .chain(table.partition_of.iter().map(|p| ("partition", &table.name.name, p.bounds.clone())))
                .chain(table.columns.iter().filter_map(|c| {
                    let made = c.generated.as_ref().map(|g| g.sql.clone());
                    made.map(|m| ("generated column", &c.name, m))
                }));
            let found = texts.into_iter().find(|(_, _, text)| text.contains(&spelled) || text.contains(&literal));
            if let Some((what, name, _)) = found {
                return Err(Refusal::new(
                    format!(
                        "{what} `{name}` of `{}` spells the label {literal}: rows that move to `{}` would fall out of it",
                        table.name, self.to
                    ),
                    "Plan its successor first, one that names both labels; then plan this change.",
                ));
            }
            if table.partition_key.as_ref().is_some_and(|k| columns.iter().any(|c| k.columns.contains(c))) {
                return Err(Refusal::new(
                    format!(
                        "`{}` is partitioned by a column of `{}`: its rows cannot change label in place",
                        table.name, self.name
                    ),
                    "Add a partition for the new label and move the rows in a plan of its own.",
                ));
            }
        }
        Ok(())
    }

    fn backfill(&self, b: &mut Builder, table: &Table, from: &str, to: &str) -> Result<(), Refusal> {
        let catalog = b.catalog;
        let name = &table.name;
        // The parent's pass reaches the partitions.
        if table.partition_of.as_ref().is_some_and(|p| self.users.contains(&p.parent)) {
            return Ok(());
        }
        let mut columns = Vec::new();
        for column in &table.columns {
            let Some(of) = user_types::find(catalog, &column.data_type) else { continue };
            if of.name == self.name && !column.data_type.ends_with("[]") {
                columns.push(column);
            } else if user_types::users(catalog, &self.name)
                .iter()
                .any(|(t, c)| t.name == *name && c.name == column.name)
            {
                return Err(Refusal::new(
                    format!("`{name}.{}` holds labels of `{}` inside `{}`", column.name, self.name, column.data_type),
                    "Add the new label (`ALTER TYPE … ADD VALUE`), rewrite those values by the application, and keep the old label.",
                ));
            }
        }
        walkable(b, table)?;
        user_triggers(b, table);
        let d = b.dialect();
        let named: Vec<Ident> = columns.iter().map(|c| c.name.clone()).collect();
        let listed = crate::plan::build::listed(&named);
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, name)
                .say(format!("Take `{to}` for the same as `{from}` wherever {listed} of `{name}` is read or compared; go on writing `{from}`.")),
        );
        b.need(
            Need::new(Slot::Use, Placement::Fixed, name)
                .say(format!("Write `{to}` instead of `{from}` to {listed} of `{name}`; go on reading both.")),
        );
        let (old, new) = (d.literal(&self.from), d.literal(&self.to));
        let mut fills = Vec::new();
        for column in &columns {
            fills.push(Fill {
                assignments: vec![(column.name.clone(), new.clone())],
                needed: format!("{} = {old}", d.ident(&column.name)),
                why: format!("Every running release reads both labels by now, and the newest writes `{to}` only."),
                guarded: Guarded::Yes,
            });
            let knows = |from: Mark, how: &str| Rule::Older {
                than: Slot::Tolerate,
                from,
                because: format!("does not know `{to}`, which {how} `{name}.{}`", column.name),
            };
            b.rule(knows(Mark::Deployed(Slot::Use), "the newest release writes to"));
            let default = column.default.as_ref().filter(|v| v.sql.contains(&old));
            if let Some(default) = default {
                let key = self.default(b, table, &column.name, &default.sql, &old, &new);
                b.rule(knows(Mark::After(key), "is the default of"));
            }
        }
        let gone = Undo::PointOfNoReturn {
            because: format!(
                "Rows that held `{from}` hold `{to}` from here on; a release that does not know it cannot come back."
            ),
        };
        b.fill_late(name, &fills, gone);
        Ok(())
    }

    /// The default follows once every release reads the new label.
    fn default(&self, b: &mut Builder, table: &Table, column: &Ident, sql: &str, old: &str, new: &str) -> Key {
        let (t, c) = (b.name(&table.name), b.id(column));
        let set = |value: &str| format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {value}");
        b.push(
            Draft::sql(
                PhaseName::Migrate,
                Rank::SetDefault,
                format!("Let the default of `{}.{column}` be the new label", table.name),
                vec![set(&sql.replace(old, new))],
                b.brief(),
            )
            .why("Catalog only: rows inserted without the column get the new label, which every release reads by now.")
            .on(&table.name)
            .undo(b.undo_sql(vec![set(sql)], "Catalog only; brief lock."))
            .done(crate::engine::emit::probe::default_changed(&table.name, column, Some(sql))),
        )
    }
}
