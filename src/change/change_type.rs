//! ALTER COLUMN TYPE: free where the server only changes the catalog, otherwise by a second column and a swap of names.

mod asked;
mod nulls;
mod told;

use super::form::Spec;
use super::recipe::castable::{self, Fits};
use super::recipe::constraint::{self, ForeignKey, Rows};
use super::recipe::conversion::{Conversion, conversion};
use super::recipe::dependents::Dependents;
use super::recipe::measure::measure;
use super::recipe::properties::{self, Same};
use super::recipe::swap::Swap;
use super::recipe::table::{user_triggers, walkable};
use super::recipe::{carry, twins};
use super::said::Nulls;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, direct_step, drop_column};
use crate::engine::emit::probe;
use crate::engine::verdict::Verdict;
use crate::engine::{freed, judge, user_types};
use crate::model::objects::DataTypeKind;
use crate::model::{Column, ConstraintKind, Ident, Table, TableName, Work};
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Strategy, Sync};
use crate::sql::{Alter, AlterAction, ConstraintBody, Expression, ObjectName, Statement, TableConstraint};

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeType {
    pub table: TableName,
    pub column: Ident,
    /// For people, as written.
    pub shown: String,
    /// As it is sent: a type that users made by its full name.
    pub data_type: String,
    /// As the catalog will spell it.
    pub canonical: String,
    /// The full name of a type that users made.
    pub made: Option<TableName>,
    /// What that type is, and whether the script makes it.
    pub kind: Option<DataTypeKind>,
    pub new: bool,
    pub collation: Option<String>,
    pub using: Option<Expression>,
    /// What the script says of the default besides: `Some(None)` drops it.
    pub default: Option<Option<String>>,
    /// What it says of NULL.
    pub nulls: Option<Nulls>,
    /// Foreign keys that the script adds over the column, each with the columns it points at.
    pub keys: Vec<(TableConstraint, TableName, Vec<Ident>)>,
    /// INSERT statements that fill the tables of those keys.
    pub fillings: Vec<String>,
    /// Views that the script drops before and creates after the change, with their new texts.
    pub views: Vec<(TableName, String)>,
    /// One of them that another change of type is about, too.
    pub shared: Option<TableName>,
    /// A materialised view that the script drops before and creates after the change.
    pub remade: Option<TableName>,
}

impl Kind for ChangeType {
    const NAME: &'static str = "change-type";
    const TITLE: &'static str = "Change a column's type";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=name} TYPE {type:type=text}[ USING {using:sql=name::text}];",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters().filter_map(|(at, table, _)| Self::at(wish, at, table)).collect()
    }

    fn title(&self) -> String {
        format!("Change `{}.{}` to `{}`", self.table, self.column, crate::model::name::shown(&self.shown))
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let column = table.column(&self.column).ok_or_else(|| created_here(&self.table))?;
        if let Some(view) = &self.shared {
            return Err(Refusal::new(
                format!("view `{view}` is dropped and created again around more than one change of type"),
                "Leave DROP VIEW and CREATE VIEW out: the plan rebuilds the view around each change.",
            ));
        }
        if let Some(view) = &self.remade {
            return Err(Refusal::new(
                format!(
                    "the materialised view `{view}` is dropped and created again around the change of type: nobody could read it until it is filled"
                ),
                "Leave DROP, CREATE and its CREATE INDEX out: the plan makes a second one beside it, fills it and lets it take over. Plan a new text of it apart.",
            ));
        }
        let mut dependents = Dependents::of(b, table, &self.column)?;
        dependents.views.give(self.views.clone());
        let verdict = self.verdict(b)?;
        let conversion = conversion(b, column, &self.new_type_bare(), &self.canonical, self.using.as_ref())?;
        let fits = castable::fits(b, column, &self.canonical, self.kind.as_ref(), &conversion.forward);
        self.losses(b, column);
        self.fill_lookup(b, column);
        // A materialised view is not filled again under a strong lock unless a window was asked for.
        let stores = dependents.views.stores_rows();
        if let Some(reason) = b.direct(table).filter(|_| !stores || b.policy.strategy == Strategy::Direct) {
            castable::ask(b, table, column, &self.canonical, &conversion.forward, (&fits, self.new));
            self.in_one_go(b, column, &dependents, &conversion);
            self.nulls_apart(b)?;
            return Ok(reason);
        }
        match verdict.work {
            Work::None | Work::Catalog if !stores => {
                self.in_one_go(b, column, &dependents, &conversion);
                self.nulls_apart(b)?;
                Ok(format!("catalog only: {}", verdict.because))
            }
            Work::Scan
                if !stores && self.using.is_none() && self.default.is_none() && self.checks(table).next().is_some() =>
            {
                self.around_checks(b, table, column, &dependents);
                self.nulls_apart(b)?;
                Ok("online: the CHECK is validated apart, so that no lock is held during its scan".to_owned())
            }
            work => {
                castable::ask(b, table, column, &self.canonical, &conversion.forward, (&fits, self.new));
                self.by_second_column(b, table, dependents, &conversion, &fits)?;
                if stores && matches!(work, Work::None | Work::Catalog) {
                    return Ok("online, by a second column: the change itself would be brief, but the server refuses it under a materialised view, which cannot be made anew in a brief step".to_owned());
                }
                Ok(format!("online, by a second column: {}", verdict.because))
            }
        }
    }
}

impl ChangeType {
    /// # Errors
    /// [`Refusal`] in the server's words where it would not make the change, whatever the way.
    pub fn verdict(&self, b: &Builder) -> Result<Verdict, Refusal> {
        // What can be taken off and put on again does not stand in the way.
        let free = freed(b.catalog, &self.table, &self.column);
        let verdict = judge(&self.statement(), &free, b.session);
        match &verdict.fails {
            None => Ok(verdict),
            Some(fails) => Err(Refusal::new(
                format!("the server would refuse the change: {fails}"),
                "Free the column first (drop or replace what depends on it), then plan this change.",
            )),
        }
    }

    fn statement(&self) -> Statement {
        let action = Alter::SetType {
            column: self.column.clone(),
            data_type: self.data_type.clone(),
            collation: self.collation.clone(),
            using: self.using.clone(),
        };
        altering(&self.table, action, self.text())
    }

    fn checks<'t>(&'t self, table: &'t Table) -> impl Iterator<Item = &'t crate::model::Constraint> {
        table.constraints.iter().filter(|c| c.kind == ConstraintKind::Check && c.columns.contains(&self.column))
    }

    fn back_to(&self, b: &Builder, column: &Column) -> String {
        let (before, c) = (carry::type_of(column), b.id(&self.column));
        // A cast that no assignment makes has to be written, through text where there is none at all.
        let using = match self.needs_cast(b, &before) {
            true => format!(" USING {c}::text::{}", column.data_type),
            false => String::new(),
        };
        format!("ALTER TABLE {} ALTER COLUMN {c} TYPE {before}{using}", b.name(&self.table))
    }

    /// Whether the server would not go back to the old type on its own.
    fn needs_cast(&self, b: &Builder, before: &str) -> bool {
        // What reads the column is taken off for the step, both ways.
        let mut after = freed(b.catalog, &self.table, &self.column);
        let column = after.table_mut(&self.table).and_then(|t| t.columns.iter_mut().find(|c| c.name == self.column));
        if let Some(column) = column {
            column.data_type.clone_from(&self.canonical);
            column.default = None;
        }
        let back =
            Alter::SetType { column: self.column.clone(), data_type: before.to_owned(), collation: None, using: None };
        judge(&altering(&self.table, back, String::new()), &after, b.session)
            .fails
            .is_some_and(|why| why.contains("USING"))
    }

    fn done(&self) -> String {
        match &self.made {
            // How the server prints it is up to the search path of whoever asks.
            Some(made) => probe::column_is_of(&self.table, &self.column, made, self.canonical.ends_with("[]")),
            None => probe::column_type_is(&self.table, &self.column, &self.canonical, self.collation.as_deref()),
        }
    }

    /// The action as it is sent.
    fn text(&self) -> String {
        let c = crate::engine::dialect(crate::model::Engine::Postgresql).ident(&self.column);
        let using = self.using.as_ref().map_or_else(String::new, |u| format!(" USING {}", u.sql));
        format!("ALTER COLUMN {c} TYPE {}{using}", self.new_type())
    }

    fn in_one_go(&self, b: &mut Builder, column: &Column, dependents: &Dependents, conversion: &Conversion) {
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        let default = |to: Option<&str>| match to {
            Some(value) => format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {value}"),
            None => format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"),
        };
        // The values mean what they mean in that zone, whoever runs the step.
        let zone: Vec<String> =
            conversion.zone.iter().map(|z| format!("SET LOCAL TimeZone = {}", b.dialect().literal(z))).collect();
        let (mut change, mut back) = (vec![format!("ALTER TABLE {t} {}", self.text())], vec![self.back_to(b, column)]);
        let before = column.default.as_ref().map(|d| d.sql.as_str());
        if self.default.is_none() && before.is_some() && self.needs_cast(b, &carry::type_of(column)) {
            // Nor would the server go back with the default in place.
            back.insert(0, default(None));
            back.push(default(before));
        }
        if let Some(after) = &self.default {
            if before.is_some() {
                change.insert(0, default(None));
                back.push(default(before));
            }
            if after.is_some() {
                change.push(default(after.as_deref()));
                back.insert(0, default(None));
            }
        }
        for (key, target, referenced) in &self.keys {
            let name = constraint::named(b, &self.table, key, std::slice::from_ref(&self.column), "fkey");
            let n = b.id(&name);
            let actions = match &key.body {
                ConstraintBody::ForeignKey { actions, .. } => format!(" {actions} {}", key.trailer),
                _ => String::new(),
            };
            let sql = format!(
                "ALTER TABLE {t} ADD CONSTRAINT {n} FOREIGN KEY ({c}) REFERENCES {} ({}){}",
                b.name(target),
                b.ids(referenced),
                actions.trim_end()
            );
            change.push(sql);
            back.insert(0, format!("ALTER TABLE {t} DROP CONSTRAINT {n}"));
        }
        let around = |change: Vec<String>, on| [zone.clone(), dependents.off(b), change, on].concat();
        let sql = around(change, dependents.on(b));
        let undo = around(back, dependents.on_as_before(b));
        dependents.notes(b);
        let title = self.title();
        // A CHECK that stands for NOT NULL would be read by it: it goes first.
        let rank = if self.nulls.is_some() { Rank::Relax } else { Rank::Other };
        direct_step(b, PhaseName::Migrate, rank, &title, &self.table, sql, undo, self.done());
        b.finding(
            Severity::Warning,
            format!(
                "Sessions with a cached plan over `{}` fail once with `cached plan must not change result type`.",
                self.table
            ),
        );
    }

    /// One transaction takes the CHECK away, changes the type and puts the CHECK back NOT VALID: it is never out of force.
    fn around_checks(&self, b: &mut Builder, table: &Table, column: &Column, dependents: &Dependents) {
        let t = b.name(&self.table);
        let mut sql = dependents.off(b);
        let mut again = Vec::new();
        let mut names = Vec::new();
        for check in self.checks(table) {
            let n = b.id(&check.name);
            let bare = check.definition.trim_end_matches(" NOT VALID");
            sql.push(format!("ALTER TABLE {t} DROP CONSTRAINT {n}"));
            again.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {bare} NOT VALID"));
            names.push(check.name.clone());
        }
        let mut undo = sql.clone();
        undo.push(self.back_to(b, column));
        undo.extend(again.iter().cloned());
        undo.extend(dependents.on_as_before(b));
        sql.push(format!("ALTER TABLE {t} {}", self.text()));
        sql.extend(again);
        sql.extend(dependents.on(b));
        dependents.notes(b);
        b.push(
            Draft::sql(PhaseName::Migrate, if self.nulls.is_some() { Rank::Relax } else { Rank::Other }, self.title(), sql, b.brief())
                .why("With the CHECK in place the server would read the whole table under the strong lock. Here new rows are checked without a gap.")
                .on(&self.table)
                .undo(b.undo_sql(undo, "May read the table under the strong lock if the old type is narrower."))
                .done(self.done())
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        for name in names {
            let mut validate = Draft::sql(
                PhaseName::Settle,
                Rank::Validate,
                format!("Validate `{name}` of `{}` again", self.table),
                vec![format!("ALTER TABLE {t} VALIDATE CONSTRAINT {}", b.id(&name))],
                b.validating(),
            )
            .why("Reads the rows under a lock that lets reads and writes pass.")
            .on(&self.table)
            .done(probe::constraint_valid(&self.table, &name));
            validate.undo = crate::plan::Undo::Nothing { because: "A proof takes nothing away.".to_owned() };
            b.push(validate);
        }
    }

    pub fn by_second_column(
        &self,
        b: &mut Builder,
        table: &Table,
        mut dependents: Dependents,
        conversion: &Conversion,
        fits: &Fits,
    ) -> Result<(), Refusal> {
        walkable(b, table)?;
        drop_column::key_parts(b, table, &self.column)?;
        twins::can_identify(b, table, &self.column)?;
        let own = self.after_nulls(b, table)?;
        let table = &own;
        let column = table.column(&self.column).ok_or_else(|| created_here(&self.table))?;
        if column.identity.is_some() || column.generated.is_some() {
            return Err(Refusal::new(
                format!(
                    "`{}.{}` is an identity or generated column; changing its type online is not planned yet",
                    self.table, self.column
                ),
                "Change it in a maintenance window with `--strategy direct`.",
            ));
        }
        if b.policy.sync == Sync::App {
            b.finding(
                Severity::Note,
                "A type change swaps names in the end, which an application that writes both columns could not follow: a trigger keeps them in step, whatever `--sync` says.",
            );
        }
        self.way_back_told(b, conversion);
        let (new_type, forward) = (self.new_type(), conversion.forward.clone());
        let name = b.fresh(&self.table, &[self.column.as_str(), "new"]);
        let old = b.fresh(&self.table, &[self.column.as_str(), "old"]);
        let n = b.id(&name);
        b.add_column(
            &self.table,
            &name,
            &format!("{n} {new_type}"),
            "Nullable and without a default, so no row is touched.",
        );
        let swap = Swap {
            table,
            column,
            new: name.clone(),
            old,
            forward: forward.clone(),
            to: self.canonical.clone(),
            back: conversion.back.clone(),
            risky: *fits != Fits::Always,
            default: self.default_after(column),
        };
        let follows = swap.follow(b)?;
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, &self.table)
                .say(self.bear(column, fits))
                .orm("prepared statements", "A cached plan fails once with `cached plan must not change result type` at the swap: retry once, or recycle connections"),
        );
        b.fill(
            &self.table,
            Fill {
                assignments: vec![(name.clone(), forward.sql.clone())],
                needed: swap.differs(b),
                why: format!("Converts `{}` in the rows that were there before.", self.column),
                guarded: Guarded::No,
            },
        );
        user_triggers(b, table);
        properties::give(b, table, column, &name, Same::NotType);
        let retyped = self.retyped(table, column);
        let twins = carry::carry(b, retyped.as_ref().unwrap_or(table), &self.column, &name, Rows::New)?;
        self.refuse_nulls(b, column, &name, fits);
        for (key, target, referenced) in &self.keys {
            let named = constraint::named(b, &self.table, key, std::slice::from_ref(&self.column), "fkey");
            let actions = match &key.body {
                ConstraintBody::ForeignKey { actions, .. } => format!("{actions} {}", key.trailer).trim().to_owned(),
                _ => String::new(),
            };
            let columns = std::slice::from_ref(&name);
            let key = ForeignKey { name: &named, columns, target, referenced, actions };
            constraint::foreign_key(b, table, &key, Rows::New)?;
        }
        measure(b, table, &[(self.column.clone(), name.clone())], &twins);
        swap.agree(b);
        castable::ask_again(b, table, column, fits);
        dependents.views.prepare(b, &[(self.table.clone(), vec![(self.column.clone(), name)])]);
        let swapped = swap.swap(b, follows, &twins, &dependents);
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(swapped),
            because: format!("expects `{}.{}` as `{}`", self.table, self.column, column.data_type),
        });
        swap.retire(b, swapped, &twins, &dependents);
        let views = dependents.views.iter().map(|v| v.name.name.clone()).collect();
        b.remakes(&self.table, Some(&self.column), twins.iter().map(|t| t.old.clone()).collect(), views);
        Ok(())
    }

    /// The rows of a lookup table stand before the foreign key looks for them.
    fn fill_lookup(&self, b: &mut Builder, column: &Column) {
        for filling in &self.fillings {
            let Some((_, target, referenced)) = self.keys.first() else { return };
            let (l, code) = (b.name(target), b.ids(referenced));
            let labels = user_types::labels(b.catalog, &column.data_type).unwrap_or(&[]);
            let list = labels.iter().map(|x| b.dialect().literal(x)).collect::<Vec<_>>().join(", ");
            b.push(
                Draft::sql(
                    PhaseName::Expand,
                    Rank::Relax,
                    format!("Fill `{target}`"),
                    vec![filling.clone()],
                    b.brief(),
                )
                .why("One row for every label: the foreign key looks for it as soon as it stands.")
                .on(target)
                .undo(crate::plan::Undo::Nothing { because: "The rows go with the table.".to_owned() })
                .done(format!("SELECT count(*) = {} FROM {l} WHERE {code}::text IN ({list})", labels.len())),
            );
        }
    }

    /// Predicates and checks that compare with a constant of the old type (`'open'::status`): without its cast the
    /// constant takes the new type. None where no enum is on either side.
    pub fn retyped(&self, table: &Table, column: &Column) -> Option<Table> {
        let is_enum = matches!(self.kind, Some(DataTypeKind::Enum { .. }));
        if !is_enum && !column.data_type.contains('.') {
            return None;
        }
        let cast = format!("'::{}", column.data_type);
        let mut own = table.clone();
        let bare = |text: &mut String| *text = text.replace(&cast, "'");
        for index in own.indexes.iter_mut().filter(|i| i.uses.contains(&self.column)) {
            bare(&mut index.definition);
            index.predicate.iter_mut().for_each(bare);
        }
        own.constraints.iter_mut().filter(|c| c.columns.contains(&self.column)).for_each(|c| bare(&mut c.definition));
        Some(own)
    }

    /// The default under the new name.
    pub fn default_after(&self, column: &Column) -> Option<String> {
        if let Some(said) = &self.default {
            return said.clone();
        }
        let text = column.default.as_ref()?.sql.clone();
        // `'0'::text`: without its cast the constant takes the new type.
        let constant = text
            .rfind("'::")
            .filter(|_| text.starts_with('\''))
            .filter(|at| text.get(at + 3..).is_some_and(|t| !t.contains('\'')))
            .and_then(|at| text.get(..=at))
            .filter(|t| t.len() >= 2 && t.get(1..t.len() - 1).is_some_and(|i| i.matches('\'').count() % 2 == 0));
        Some(constant.map_or_else(|| text.clone(), str::to_owned))
    }

    fn new_type_bare(&self) -> String {
        self.data_type.clone()
    }

    pub fn new_type(&self) -> String {
        match &self.collation {
            Some(collation) => format!("{} COLLATE {collation}", self.data_type),
            None => self.data_type.clone(),
        }
    }
}

/// One action as a statement, to be judged.
fn altering(table: &TableName, action: Alter, text: String) -> Statement {
    Statement::AlterTable {
        table: ObjectName { schema: Some(table.schema.clone()), name: table.name.clone() },
        only: false,
        if_exists: false,
        actions: vec![AlterAction { span: 0..0, text, action }],
    }
}
