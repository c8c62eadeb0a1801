//! A view under a new name or in another schema: a view over it keeps the old name until no release needs it.

use super::form::Spec;
use super::recipe::compat_view::{CompatView, known_by_name};
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::probe;
use crate::model::objects::{View, ViewKind};
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::{Alter, Destination, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct RenameView {
    from: TableName,
    to: TableName,
}

/// The object that a piece of the script gives a new name or schema, whichever way it is written.
pub(super) fn moves<'w>(wish: &'w Wish) -> impl Iterator<Item = (usize, String, TableName, Destination)> + use<'w> {
    wish.atoms.iter().enumerate().filter_map(|(at, atom)| match &atom.part {
        Part::Alter { table, action: Alter::RenameTable { to } } => {
            Some((at, String::new(), table.clone(), Destination::Name(to.clone())))
        }
        Part::Alter { table, action: Alter::SetSchema { schema } } => {
            Some((at, String::new(), table.clone(), Destination::Schema(schema.clone())))
        }
        Part::Whole(Statement::Move(m)) => Some((at, m.object.clone(), m.name.resolve(wish.catalog), m.to.clone())),
        _ => None,
    })
}

impl Kind for RenameView {
    const NAME: &'static str = "rename-view";
    const TITLE: &'static str = "Rename or move a view";
    const FORMS: &'static [Spec] =
        &[("", "ALTER VIEW {view:view=open_orders} RENAME TO {new name:new=orders_in_work};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let is_view = |n: &TableName| wish.catalog.views.iter().any(|v| v.name == *n && v.kind != ViewKind::Rule);
        moves(wish)
            .filter(|(_, object, from, _)| {
                ["", "view", "materialized-view"].contains(&object.as_str()) && is_view(from)
            })
            .map(|(at, _, from, to)| Claim::one(at, Self { to: to.of(&from), from }))
            .collect()
    }

    fn title(&self) -> String {
        format!("Rename view `{}` to `{}`", self.from, self.to)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.from.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let view = b
            .catalog
            .views
            .iter()
            .find(|v| v.name == self.from)
            .ok_or_else(|| Refusal::new(format!("there is no view `{}`", self.from), "Check the name."))?;
        if self.from == self.to {
            return Ok("nothing to do: it is there already".to_owned());
        }
        let columns: Vec<Ident> = view.columns.iter().map(|c| c.name.clone()).collect();
        if columns.is_empty() {
            return Err(Refusal::new(
                format!("the columns of `{}` are not known, so no view can stand in for it", self.from),
                "Read the catalog again, with a role that may see the view.",
            ));
        }
        let over = CompatView::of_view(view, &self.from, &self.to);
        let mut sql = vec![step(b, view, &self.from, &self.to)];
        sql.extend(over.create(b));
        let undo = vec![format!("DROP VIEW {}", b.name(&self.from)), step(b, view, &self.to, &self.from)];
        let draft = Draft::sql(
            PhaseName::Expand,
            Rank::Other,
            format!("Give view `{}` the name `{}`, and another view the old one", self.from, self.to),
            sql,
            b.brief(),
        )
        .why("One short transaction: nobody sees a moment without the name.")
        .on(&self.from)
        .undo(b.undo_sql(undo, "Catalog only; brief lock. A release that uses the new name has to be gone."))
        .done(probe::renamed_behind_view(&self.from, &self.to))
        .watch("Who holds a lock on the view", probe::lock_holders(&self.from));
        b.push(draft);
        b.need(Need::new(Slot::Use, Placement::Fixed, &self.from).stops_reading(&columns).stops_writing(&columns));
        b.need(
            Need::new(Slot::Use, Placement::Fixed, &self.to)
                .reads(&columns)
                .say(format!("Use `{}` instead of `{}` everywhere: queries, jobs, reports.", self.to, self.from)),
        );
        over.drop_step(b);
        known_by_name(b, &self.from, &self.to);
        if view.kind == ViewKind::Materialized {
            b.finding(
                Severity::Warning,
                format!(
                    "Until the contract phase `{}` is a plain view: REFRESH MATERIALIZED VIEW by that name fails. Let the job that refreshes it use `{}` from the first step on.",
                    self.from, self.to
                ),
            );
        }
        Ok("online: another view keeps the old name for the release of today".to_owned())
    }
}

fn step(b: &Builder, view: &View, from: &TableName, to: &TableName) -> String {
    let kind = if view.kind == ViewKind::Materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    if from.schema == to.schema {
        format!("ALTER {kind} {} RENAME TO {}", b.name(from), b.id(&to.name))
    } else {
        format!("ALTER {kind} {} SET SCHEMA {}", b.name(from), b.id(&to.schema))
    }
}
