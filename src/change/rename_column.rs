//! RENAME COLUMN: a new column beside the old one, kept in step, since a rename breaks running code at commit. What the
//! script says of the column's type, default and NULL besides is done on the way: the new column is what it shall be.

use super::change_type::ChangeType;
use super::column_default::SetDefault;
use super::form::Spec;
use super::not_null::DropNotNull;
use super::recipe::castable::{self, Fits};
use super::recipe::constraint::Rows;
use super::recipe::conversion::{Conversion, conversion};
use super::recipe::dependents::Dependents;
use super::recipe::dual_name;
use super::recipe::measure::measure;
use super::recipe::properties::{self, Same};
use super::recipe::rebind::Rebind;
use super::recipe::shadow::{Doubt, NewColumn, Shadow};
use super::recipe::table::user_triggers;
use super::recipe::twins;
use super::said::{Nulls, Said};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, drop_column, recipe::carry};
use crate::engine::emit::probe;
use crate::model::catalog::DefaultValue;
use crate::model::{Column, Ident, Table, TableName};
use crate::plan::build::{Builder, listed};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Rename, Sync};
use crate::sql::{self, Alter, Expression, rename_column_in};

#[derive(Debug, Clone, PartialEq)]
pub struct RenameColumn {
    table: TableName,
    from: Ident,
    to: Ident,
    typed: Option<Box<ChangeType>>,
    /// `Some(None)` drops it.
    default: Option<Option<Expression>>,
    nulls: Option<Nulls>,
}

/// The change of type on the way, and what is known of the values.
struct Typed<'a> {
    change: &'a ChangeType,
    conversion: Conversion,
    fits: Fits,
}

impl Kind for RenameColumn {
    const NAME: &'static str = "rename-column";
    const TITLE: &'static str = "Rename a column";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=users} RENAME COLUMN {column:column=name} TO {new name:new=full_name};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| {
                let Alter::RenameColumn { from, to } = action else { return None };
                let said = Said::of(wish, table, from).filter(|s| s.atoms.contains(&at) && s.name != *from);
                Some(match said {
                    Some(said) => Self::with(wish, table, from, said),
                    None => {
                        let (table, from, to) = (table.clone(), from.clone(), to.clone());
                        Claim::one(at, Self { table, from, to, typed: None, default: None, nulls: None })
                    }
                })
            })
            .collect()
    }

    fn title(&self) -> String {
        let mut more: Vec<String> = Vec::new();
        more.extend(self.typed.as_ref().map(|t| format!("as `{}`", crate::model::name::shown(&t.shown))));
        more.extend(self.nulls.as_ref().map(|n| match n {
            Nulls::Refused { .. } => "NOT NULL".to_owned(),
            Nulls::Allowed => "NULL allowed".to_owned(),
        }));
        more.extend(self.default.as_ref().map(|d| match d {
            Some(_) => "another default".to_owned(),
            None => "no default".to_owned(),
        }));
        let more: String = more.iter().map(|m| format!(", {m}")).collect();
        format!("Rename `{}.{}` to `{}`{more}", self.table, self.from, self.to)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let column = table.column(&self.from).ok_or_else(|| {
            Refusal::new(format!("`{}` has no column `{}`", self.table, self.from), "Check the name.")
        })?;
        if table.column(&self.to).is_some() {
            return Err(Refusal::new(
                format!(
                    "`{}` has a column `{}` today: the two would have to be there side by side",
                    self.table, self.to
                ),
                "Plan it in two steps: first the one that frees the name, to its end, then this one.",
            ));
        }
        if b.policy.rename == Rename::View {
            if self.typed.is_some() || self.default.is_some() || self.nulls.is_some() {
                return Err(Refusal::new(
                    format!(
                        "`{}.{}` gets more than another name, and a view shows the column as it is",
                        self.table, self.from
                    ),
                    "Leave `--rename view` out, or plan the rename first, to its end, and then the rest.",
                ));
            }
            return dual_name::plan(b, table, &self.from, &self.to);
        }
        drop_column::key_parts(b, table, &self.from)?;
        twins::can_identify(b, table, &self.from)?;
        let mut dependents = Dependents::of(b, table, &self.from)?;
        let typed = self.typed(b, column)?;
        let same = if typed.is_some() { Same::NotType } else { Same::Type };
        let mut rebind = Rebind { table, from: &self.from, to: &self.to, dependents: &mut dependents, same };
        rebind.possible()?;
        if column.identity.is_some() || column.generated.is_some() {
            return Err(Refusal::new(
                format!(
                    "`{}.{}` is an identity or generated column; renaming one by a copy is not planned yet",
                    self.table, self.from
                ),
                "Plan it with `--rename view`: one column with two names, without a copy.",
            ));
        }
        let own = self.as_asked(b, table, typed.as_ref())?;
        let column = own.column(&self.from).unwrap_or(column);
        let doubt = self.doubt(b, column, typed.as_ref());
        if let Some(typed) = &typed {
            self.bear(b, column, typed, doubt, rebind.dependents);
        }
        let shadow = Shadow {
            table: &own,
            olds: vec![self.from.clone()],
            news: vec![NewColumn {
                name: self.to.clone(),
                data_type: typed.as_ref().map_or_else(|| carry::type_of(column), |t| t.change.new_type()),
                forward: typed
                    .as_ref()
                    .map_or_else(|| sql::expression(&b.id(&self.from)), |t| t.conversion.forward.clone()),
                not_null: column.not_null || matches!(self.nulls, Some(Nulls::Refused { .. })),
                default: match (&self.default, &typed) {
                    (Some(said), _) => said.as_ref().map(|d| d.sql.clone()),
                    (None, Some(typed)) => typed.change.default_after(column),
                    (None, None) => column.default.as_ref().map(|d| d.sql.clone()),
                },
            }],
            back: self.way_back(b, column, typed.as_ref()),
            doubt,
        };
        user_triggers(b, table);
        let mut twins = Vec::new();
        properties::give(b, table, column, &self.to, same);
        let retyped = typed.as_ref().and_then(|t| t.change.retyped(&own, column));
        shadow.plan(b, |b| {
            twins = carry::carry(b, retyped.as_ref().unwrap_or(&own), &self.from, &self.to, Rows::New)?;
            Ok(())
        })?;
        measure(b, table, &[(self.from.clone(), self.to.clone())], &twins);
        self.belongings(b);
        rebind.switch(b);
        rebind.finish(b);
        if same == Same::NotType || dependents.views.stores_rows() {
            let views = dependents.views.iter().map(|v| v.name.name.clone()).collect();
            b.remakes(&self.table, None, Vec::new(), views);
        }
        twins::hand_over(b, table, &twins);
        let names = twins.iter().map(|t| t.inherit(b, &self.table)).collect();
        b.after_drop(&self.table, names);
        Ok("online: a rename breaks running code at the moment it commits, whatever the table's size".to_owned())
    }
}

impl RenameColumn {
    fn with(wish: &Wish, table: &TableName, from: &Ident, said: Said) -> Claim<Self> {
        let typed = said.data_type.and_then(|at| ChangeType::typed(wish, at, table, from)).map(Box::new);
        let (table, from) = (table.clone(), from.clone());
        let change = Self { table, from, to: said.name, typed, default: said.default, nulls: said.nulls };
        Claim { atoms: said.atoms, change }
    }

    /// Whether every value can be converted is asked before anything is built.
    fn typed(&self, b: &mut Builder, column: &Column) -> Result<Option<Typed<'_>>, Refusal> {
        let Some(change) = self.typed.as_deref() else { return Ok(None) };
        change.verdict(b)?;
        let conversion = conversion(b, column, &change.data_type, &change.canonical, change.using.as_ref())?;
        let fits = castable::fits(b, column, &change.canonical, change.kind.as_ref(), &conversion.forward);
        change.losses(b, column);
        if let Some(table) = b.catalog.table(&self.table) {
            castable::ask(b, table, column, &change.canonical, &conversion.forward, (&fits, change.new));
        }
        Ok(Some(Typed { change, conversion, fits }))
    }

    /// The table as the new column finds it: what can be changed of the old one at once is changed at once.
    fn as_asked(&self, b: &mut Builder, table: &Table, typed: Option<&Typed>) -> Result<Table, Refusal> {
        let mut own = table.clone();
        let Some(column) = own.columns.iter_mut().find(|c| c.name == self.from) else { return Ok(own) };
        match &self.nulls {
            Some(Nulls::Allowed) if column.not_null => {
                DropNotNull { table: self.table.clone(), column: self.from.clone() }.plan(b)?;
                column.not_null = false;
            }
            Some(refused) if !column.not_null => {
                if let Some(change) = refused.refused(&self.table, &self.from) {
                    change.ask(b, table)?;
                }
            }
            _ => {}
        }
        match &self.default {
            Some(Some(default)) if typed.is_none() => {
                let set = SetDefault { table: self.table.clone(), column: self.from.clone(), default: default.clone() };
                set.plan(b)?;
                let volatility = super::add_column::volatility(default, b);
                column.default = Some(DefaultValue { sql: default.sql.clone(), volatility }).filter(|d| !d.is_null());
            }
            // An older release may live on the old one; the new one is of another type.
            Some(said) if said.is_some() || column.default.is_some() => {
                b.need(Need::new(Slot::Use, Placement::Fixed, &self.table).say(format!(
                    "Send a value for `{}` in every INSERT into `{}`: until the contract phase a row without one gets the old default.",
                    self.to, self.table
                )));
            }
            _ => {}
        }
        Ok(own)
    }

    fn doubt(&self, b: &Builder, column: &Column, typed: Option<&Typed>) -> Doubt {
        let nulls = matches!(self.nulls, Some(Nulls::Refused { .. })) && !column.not_null;
        let Some(typed) = typed else { return Doubt { nulls, ..Doubt::default() } };
        let back = b.policy.sync == Sync::Trigger
            && typed.conversion.inverse(b, column).is_some()
            && !typed.conversion.always_back(column, &typed.change.canonical);
        Doubt { forward: typed.fits != Fits::Always, back, nulls }
    }

    /// What a release has to bear before the one that uses the new column.
    fn bear(&self, b: &mut Builder, column: &Column, typed: &Typed, doubt: Doubt, dependents: &Dependents) {
        let mut need = Need::new(Slot::Tolerate, Placement::Fixed, &self.table);
        let bare = need.clone();
        if doubt.forward {
            need = need.say(format!(
                "Send only values for `{}` of `{}` that fit `{}`.",
                self.from, self.table, typed.change.shown
            ));
        }
        if !dependents.views.is_empty() {
            let views: Vec<Ident> = dependents.views.iter().map(|v| v.name.name.clone()).collect();
            need = need.say(format!(
                "Bear what comes of `{}` through {}, as `{}` and as `{}`.",
                self.from,
                listed(&views),
                column.data_type,
                typed.change.shown
            ));
        }
        if need != bare {
            b.need(need);
        }
    }

    /// Old column := the new one, where what the conversion did can be undone.
    fn way_back(&self, b: &Builder, column: &Column, typed: Option<&Typed>) -> Vec<(Ident, Expression)> {
        let new = b.id(&self.to);
        let back = match typed {
            _ if b.policy.sync != Sync::Trigger => None,
            None => Some(sql::expression(&new)),
            Some(typed) => typed.conversion.inverse(b, column).and_then(|e| {
                let text = rename_column_in(&e, &|c| (*c == self.from).then(|| new.clone()))?;
                Some(sql::expression(&text))
            }),
        };
        back.map(|e| (self.from.clone(), e)).into_iter().collect()
    }

    /// A sequence would go with the old column.
    fn belongings(&self, b: &mut Builder) {
        let (t, old, new) = (b.name(&self.table), b.id(&self.from), b.id(&self.to));
        let mut sql = Vec::new();
        let mut undo = Vec::new();
        let mut done = Vec::new();
        for sequence in &b.catalog.sequences {
            let owned = sequence.owned_by.as_ref().is_some_and(|o| o.table == self.table && o.column == self.from);
            if owned {
                let s = b.name(&sequence.name);
                sql.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{new}"));
                undo.push(format!("ALTER SEQUENCE {s} OWNED BY {t}.{old}"));
                done.push(probe::sequence_owned_by(&sequence.name, &self.table, &self.to));
            }
        }
        if sql.is_empty() {
            return;
        }
        let title = format!("Let `{}` of `{}` own the sequence of `{}`", self.to, self.table, self.from);
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, title, sql, b.brief())
                .why("A sequence is dropped with the column that owns it.")
                .on(&self.table)
                .undo(b.undo_sql(undo, "Catalog only; brief lock."))
                .done(probe::all(&done))
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
    }
}
