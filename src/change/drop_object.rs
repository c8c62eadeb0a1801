//! DROP of what holds no rows: views, sequences, schemas. Whatever uses it forgets it first.

use super::form::Spec;
use super::recipe::way_back;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal};
use crate::engine::emit::probe;
use crate::model::objects::{View, ViewKind};
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Alter, ObjectName, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct DropView {
    /// Those that are there.
    views: Vec<TableName>,
    materialized: bool,
    cascade: bool,
    /// A table that the script drops, too, is read by one of them.
    before_table: bool,
    /// What one of them reads and the script gives another name: the catalog's text names the old one.
    renamed: Option<TableName>,
}

impl Kind for DropView {
    const NAME: &'static str = "drop-view";
    const TITLE: &'static str = "Drop a view";
    const FORMS: &'static [Spec] = &[("", "DROP VIEW {view:view=best_customers};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let tables: Vec<TableName> = wish
            .statements()
            .filter_map(|(_, s)| match s {
                Statement::DropTable { tables, .. } => Some(tables.iter().map(|t| t.resolve(wish.catalog))),
                _ => None,
            })
            .flatten()
            .collect();
        wish.statements()
            .filter_map(|(at, statement)| {
                let Statement::DropView { names, materialized, cascade, .. } = statement else { return None };
                let found =
                    |n: &TableName| wish.catalog.views.iter().find(|v| v.name == *n && v.kind != ViewKind::Rule);
                let views: Vec<TableName> =
                    names.iter().map(|n| n.resolve(wish.catalog)).filter(|n| found(n).is_some()).collect();
                let before_table =
                    views.iter().filter_map(found).any(|v| v.uses.iter().any(|u| tables.contains(&u.table)));
                let read = |t: &TableName| views.iter().filter_map(found).any(|v| v.uses.iter().any(|u| u.table == *t));
                let moves = |a: &Alter| matches!(a, Alter::RenameTable { .. } | Alter::SetSchema { .. });
                let renamed = wish.alters().find(|(_, t, a)| moves(a) && read(t)).map(|(_, t, _)| t.clone());
                let (materialized, cascade) = (*materialized, *cascade);
                Some(Claim::one(at, Self { views, materialized, cascade, before_table, renamed }))
            })
            .collect()
    }

    fn title(&self) -> String {
        match self.views.as_slice() {
            [] => "Drop a view that does not exist".to_owned(),
            many => format!("Drop {}", shown(many)),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.views.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.views.is_empty() {
            return Ok("nothing to do: the view does not exist".to_owned());
        }
        let catalog = b.catalog;
        let over: Vec<TableName> = self
            .views
            .iter()
            .flat_map(|v| catalog.views_using(v, &[]))
            .map(|v| v.name.clone())
            .filter(|v| !self.views.contains(v))
            .collect();
        if self.cascade && !over.is_empty() {
            return Err(Refusal::new(
                format!("CASCADE would drop {}, too", shown(&over)),
                "Name those views in the script, and leave CASCADE out.",
            ));
        }
        let views: Vec<&View> = self.views.iter().filter_map(|n| catalog.views.iter().find(|v| v.name == *n)).collect();
        for view in &views {
            let columns: Vec<Ident> = view.columns.iter().map(|c| c.name.clone()).collect();
            b.need(
                Need::new(Slot::Unused, Placement::Fixed, &view.name)
                    .stops_reading(&columns)
                    .stops_writing(&columns)
                    .say(format!("No longer use `{}`.", view.name)),
            );
            let naming: Vec<String> = catalog.functions_naming(&view.name).map(|f| format!("`{}`", f.name)).collect();
            if !naming.is_empty() {
                b.finding(
                    Severity::Warning,
                    format!("Functions whose text names `{}` fail once it is gone: {}.", view.name, naming.join(", ")),
                );
            }
        }
        let word = if self.materialized { "MATERIALIZED VIEW" } else { "VIEW" };
        let names: Vec<String> = self.views.iter().map(|v| b.name(v)).collect();
        // The way back names the table below, so it has to stand before that one is put out of reach.
        let (phase, rank) =
            if self.before_table { (PhaseName::Settle, Rank::Withdraw) } else { (PhaseName::Contract, Rank::DropView) };
        let mut draft =
            Draft::sql(phase, rank, self.title(), vec![format!("DROP {word} {}", names.join(", "))], b.brief())
                .why("No release uses it any more. The rows it showed are not touched.")
                .done(all_gone(&self.views))
                .watch(
                    "Who holds a lock on it",
                    probe::lock_holders(self.views.first().unwrap_or(&TableName::new("", ""))),
                );
        draft.undo = match &self.renamed {
            None => again(b, &views),
            Some(read) => Undo::PointOfNoReturn {
                because: format!(
                    "The definition names `{read}`, which has another name by then: note it before, with the new name."
                ),
            },
        };
        b.push(draft);
        Ok("online: dropped once no release uses it; the catalog holds what brings it back".to_owned())
    }
}

/// From the bottom up.
fn again(b: &Builder, views: &[&View]) -> Undo {
    let mut left: Vec<&View> = views.to_vec();
    let mut sql = Vec::new();
    while !left.is_empty() {
        let waits = |v: &View| left.iter().any(|o| o.name != v.name && v.uses.iter().any(|u| u.table == o.name));
        let Some(at) = left.iter().position(|v| !waits(v)) else { return way_back::unknown() };
        let view = left.remove(at);
        if view.kind == ViewKind::Materialized {
            return Undo::PointOfNoReturn {
                because: format!(
                    "`{}` can be created and filled again from its definition, but its indexes are not in the catalog: note them before.",
                    view.name
                ),
            };
        }
        match way_back::view_again(b, view) {
            Some(statements) => sql.extend(statements),
            None => return way_back::unknown(),
        }
    }
    b.undo_sql(sql, "Made again from the catalog's text, with options, owner, grants and comments.")
}

fn shown(names: &[TableName]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

fn all_gone(names: &[TableName]) -> String {
    let gone: Vec<String> = names.iter().map(probe::relation_gone).collect();
    match gone.as_slice() {
        [one] => one.clone(),
        many => format!("SELECT {}", many.iter().map(|q| format!("({q})")).collect::<Vec<_>>().join(" AND ")),
    }
}

/// Sequences and schemas.
#[derive(Debug, Clone, PartialEq)]
pub struct DropObject {
    sql: String,
    /// `sequence` or `schema`.
    object: String,
    /// Without a schema where it is one itself.
    names: Vec<TableName>,
}

impl Kind for DropObject {
    const NAME: &'static str = "drop-object";
    const TITLE: &'static str = "Drop a sequence or a schema";
    const FORMS: &'static [Spec] =
        &[("", "DROP {what:SEQUENCE|SCHEMA=SEQUENCE} {name:sequence=billing.invoice_number};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.atoms
            .iter()
            .enumerate()
            .filter_map(|(at, atom)| {
                let Part::Whole(statement) = &atom.part else { return None };
                let object = match statement {
                    Statement::Known { op, .. } => op.strip_prefix("drop-")?,
                    _ => return None,
                };
                if !["sequence", "schema"].contains(&object) {
                    return None;
                }
                let sql = atom.text.trim().to_owned();
                let names = crate::sql::dropped(&sql);
                let bare = |n: &ObjectName| TableName { schema: "".into(), name: n.name.clone() };
                let full = |n: &ObjectName| if object == "schema" { bare(n) } else { n.resolve(wish.catalog) };
                let names = names.iter().map(full).collect();
                Some(Claim::one(at, Self { sql, object: object.to_owned(), names }))
            })
            .collect()
    }

    fn title(&self) -> String {
        let text = crate::model::name::shown(&self.sql).replace('`', "'");
        format!("{}{}", text.chars().take(70).collect::<String>(), if text.chars().count() > 70 { "…" } else { "" })
    }

    fn tables(&self) -> Vec<TableName> {
        Vec::new()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let cascades = self.sql.split_whitespace().last().is_some_and(|w| w.eq_ignore_ascii_case("cascade"));
        if cascades {
            return Err(Refusal::new(
                format!("DROP {} … CASCADE drops whatever depends on it, unseen", self.object.to_uppercase()),
                "Drop what depends on it by name, in the script or before, and leave CASCADE out.",
            ));
        }
        for name in &self.names {
            self.unused(b, name)?;
        }
        let mut draft =
            Draft::sql(PhaseName::Contract, Rank::DropObject, self.title(), vec![self.sql.clone()], b.brief())
                .why("Whatever uses it has to be gone: the server looks for objects that depend on it, not for code.");
        let (undo, done) = self.sides(b);
        draft.undo = undo;
        if let Some(done) = done {
            draft = draft.done(done);
        }
        let dropped = b.push(draft);
        // A schema that may be dropped is empty: no code names anything in it.
        if self.object != "schema" {
            for name in &self.names {
                b.need(
                    Need::new(Slot::Unused, Placement::Fixed, name)
                        .say(format!("No longer use the {} `{name}`, in code, jobs and other functions.", self.object)),
                );
                b.rule(Rule::Older {
                    than: Slot::Unused,
                    from: Mark::After(dropped),
                    because: format!("may use the {} `{name}`, which is gone", self.object),
                });
            }
        }
        Ok("in the end: the lock is brief, but code that uses it breaks at commit".to_owned())
    }
}

impl DropObject {
    /// What the server would refuse is refused here, with what to do.
    fn unused(&self, b: &Builder, name: &TableName) -> Result<(), Refusal> {
        let database = b.database();
        let columns = |uses: &dyn Fn(&crate::model::Column) -> bool| {
            database
                .tables
                .iter()
                .flat_map(|t| t.columns.iter().filter(|c| uses(c)).map(move |c| format!("`{}.{}`", t.name, c.name)))
                .collect::<Vec<String>>()
        };
        let used = match self.object.as_str() {
            "sequence" => {
                let spelled = [name.name.0.clone(), name.to_string(), b.name(name)];
                columns(&|c| {
                    c.default.as_ref().is_some_and(|d| spelled.iter().any(|s| d.sql.contains(&format!("'{s}'"))))
                })
            }
            "schema" => {
                let tables = database.tables.iter().map(|t| &t.name);
                let views = database.views.iter().map(|v| &v.name);
                tables.chain(views).filter(|n| n.schema == name.name).map(|n| format!("`{n}`")).take(5).collect()
            }
            _ => Vec::new(),
        };
        if used.is_empty() {
            return Ok(());
        }
        Err(Refusal::new(
            format!("the {} `{}` cannot be dropped: {} use it", self.object, name.name, used.join(", ")),
            "Change or drop those first, in a plan of their own.",
        ))
    }

    fn sides(&self, b: &Builder) -> (Undo, Option<String>) {
        let [name] = self.names.as_slice() else { return (way_back::unknown(), None) };
        match self.object.as_str() {
            "sequence" => {
                let found = b.catalog.sequences.iter().find(|s| s.name == *name);
                let undo = found.map_or_else(way_back::unknown, |s| {
                    let start = s.last_value.map_or(1, |v| v.saturating_add(1)).min(s.max_value);
                    // The type of a sequence is its own from PostgreSQL 10 on.
                    let sql = format!(
                        "CREATE SEQUENCE {} AS {} MAXVALUE {} START WITH {start}",
                        b.name(name),
                        s.data_type,
                        s.max_value
                    );
                    b.undo_sql(vec![sql], "Counts on from where it was when the catalog was read; increment, cache and grants are not known.")
                });
                (undo, Some(probe::relation_gone(name)))
            }
            "schema" => (
                b.undo_sql(
                    vec![format!("CREATE SCHEMA {}", b.id(&name.name))],
                    "It was empty; its grants are not known.",
                ),
                Some(probe::schema_gone(&name.name)),
            ),
            _ => (way_back::unknown(), None),
        }
    }
}
