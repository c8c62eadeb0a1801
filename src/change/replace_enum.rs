//! An enum made anew, without a label or in another order: a second type takes the first one's place, column by column,
//! and in the end its name. PostgreSQL itself can neither drop a label nor move one.

use super::change_type::ChangeType;
use super::form::Spec;
use super::recipe::castable::{self, Fits};
use super::recipe::conversion::{by_full_name, conversion};
use super::recipe::dependents::Dependents;
use super::recipe::type_again;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::dialect::fit_name;
use crate::engine::emit::type_probe;
use crate::engine::user_types;
use crate::model::objects::DataTypeKind;
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::data_type::{NewType, TypeAction};
use crate::sql::{self, Alter, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct ReplaceEnum {
    /// Name of the type before and after.
    name: TableName,
    /// Name that the script gives the second type while both are there; none: it takes the name at once.
    second: Option<TableName>,
    labels: Vec<String>,
    columns: Vec<ChangeType>,
    /// How the script spells the new type where it changes the columns.
    written: String,
}

impl Kind for ReplaceEnum {
    const NAME: &'static str = "replace-enum";
    const TITLE: &'static str = "Take a value from an enum, or reorder it";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TYPE {type:user type=ticket_priority} RENAME TO {old name:new=ticket_priority_old};\nCREATE TYPE {type} AS ENUM ({labels:sql='low', 'normal', 'high'});\nALTER TABLE {table:table=tickets} ALTER COLUMN {column:column=priority} DROP DEFAULT, ALTER COLUMN {column} TYPE {type} USING {column}::text::{type}[, ALTER COLUMN {column} SET DEFAULT {default:sql='normal'}];\nDROP TYPE {old name};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements().filter_map(|(at, statement)| recognised(wish, at, statement)).collect()
    }

    fn title(&self) -> String {
        let labels = self.labels.iter().map(|l| format!("`{}`", crate::model::name::shown(l))).collect::<Vec<_>>();
        format!("Make the enum `{}` anew with {}", self.name, labels.join(", "))
    }

    fn tables(&self) -> Vec<TableName> {
        let mut tables: Vec<TableName> = self.columns.iter().map(|c| c.table.clone()).collect();
        tables.sort();
        tables.dedup();
        tables
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let d = b.dialect();
        let second = self.second.clone().unwrap_or_else(|| self.free(b, "new"));
        let old = self.free(b, "old");
        let kind = DataTypeKind::Enum { labels: self.labels.clone() };
        let labels = self.labels.iter().map(|l| d.literal(l)).collect::<Vec<_>>().join(", ");
        let (n, s) = (d.name(&self.name), d.name(&second));
        b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::CreateObject,
                format!("Create the type `{second}`"),
                vec![format!("CREATE TYPE {s} AS ENUM ({labels})")],
                b.brief(),
            )
            .why("Catalog only: nothing is of this type yet. It gets the old one's name once every column is of it.")
            .undo(b.undo_sql(vec![format!("DROP TYPE {s}")], "Nothing is of this type any more by then."))
            .done(type_probe::type_exists(&second)),
        );
        let gone = self.gone(b);
        for column in &self.columns {
            self.column(b, column, &second, &kind)?;
            let mut need = Need::new(Slot::Tolerate, Placement::Fixed, &column.table).say(format!(
                "Spell the type `{}` nowhere (no `::{}`, no CAST, no parameter declared by that name): which type it means changes.",
                self.name, self.name.name
            ));
            if !gone.is_empty() {
                need = need.say(format!(
                    "No longer write {} to `{}` of `{}`.",
                    gone.join(", "),
                    column.column,
                    column.table
                ));
            }
            b.need(need);
        }
        let (o, last) = (d.ident(&old.name), d.ident(&self.name.name));
        let swap = vec![format!("ALTER TYPE {n} RENAME TO {o}"), format!("ALTER TYPE {s} RENAME TO {last}")];
        let back = vec![
            format!("ALTER TYPE {n} RENAME TO {}", d.ident(&second.name)),
            format!("ALTER TYPE {} RENAME TO {last}", d.name(&old)),
        ];
        let tables = self.tables();
        let mut draft = Draft::sql(
            PhaseName::Switch,
            Rank::Other,
            format!("Give the name `{}` to the new type", self.name),
            swap,
            b.brief(),
        )
        .why("Catalog only; no table is locked. Columns follow their type by its identity.")
        .undo(b.undo_sql(back, "Catalog only."))
        .done(type_probe::type_exists(&old));
        draft.tables.clone_from(&tables);
        let named = b.push(draft);
        if !tables.is_empty() {
            b.rule(Rule::Older {
                than: Slot::Tolerate,
                from: Mark::After(named),
                because: format!("may spell `{}`, which means another type by then", self.name),
            });
        }
        let undo = match b.catalog.types.iter().find(|t| t.name == self.name) {
            Some(known) => {
                let before = crate::model::objects::DataType { name: old.clone(), ..known.clone() };
                b.undo_sql(type_again::create(b, &before), "Makes it anew, under another object id.")
            }
            None => Undo::PointOfNoReturn { because: "The catalog does not tell how the type was made.".to_owned() },
        };
        let mut draft = Draft::sql(
            PhaseName::Contract,
            Rank::DropObject,
            format!("Drop the type `{old}`"),
            vec![format!("DROP TYPE {}", d.name(&old))],
            b.brief(),
        )
        .why("No column is of it any more. A function that takes or gives it makes the server refuse.")
        .undo(undo)
        .done(type_probe::type_gone(&old));
        draft.tables = tables;
        b.push(draft);
        b.finding(
            Severity::Warning,
            format!(
                "Functions whose arguments or bodies spell `{}`, and its grants and comment, are not carried over: the script has to say them anew.",
                self.name
            ),
        );
        Ok("online, by a second type and a second column each: PostgreSQL cannot take a label away or move one"
            .to_owned())
    }
}

impl ReplaceEnum {
    /// A type name that nothing has.
    fn free(&self, b: &Builder, suffix: &str) -> TableName {
        let catalog = b.catalog;
        let taken = |name: &str| {
            let full = self.name.sibling(name);
            catalog.types.iter().any(|t| t.name == full)
                || catalog.table(&full).is_some()
                || Some(&full) == self.second.as_ref()
        };
        self.name.sibling(fit_name(&[self.name.name.as_str(), suffix], 63, taken))
    }

    /// Labels that the new type has not.
    fn gone(&self, b: &Builder) -> Vec<String> {
        let before = user_types::labels(b.catalog, &user_types::spelled(&self.name, false)).unwrap_or(&[]);
        let lost = before.iter().filter(|l| !self.labels.contains(l));
        lost.map(|l| format!("`{}`", crate::model::name::shown(l))).collect()
    }

    fn column(
        &self,
        b: &mut Builder,
        change: &ChangeType,
        second: &TableName,
        kind: &DataTypeKind,
    ) -> Result<(), Refusal> {
        let table = b.catalog.table(&change.table).ok_or_else(|| created_here(&change.table))?;
        let column = table.column(&change.column).ok_or_else(|| created_here(&change.table))?;
        let array = if column.data_type.ends_with("[]") { "[]" } else { "" };
        let full = user_types::spelled(second, false);
        let c = b.id(&change.column);
        let using = match &change.using {
            Some(using) => {
                let text = by_full_name(using.sql.trim(), &self.written, &full).ok_or_else(|| {
                    Refusal::new(
                        format!(
                            "USING of `{}.{}` spells `{}` in the middle of an expression",
                            change.table, change.column, self.written
                        ),
                        "Write it with the cast at its end: `USING (CASE … END)::type`.",
                    )
                })?;
                sql::expression(&text)
            }
            None => sql::expression(&format!("{c}::text{array}::{full}{array}")),
        };
        let own = ChangeType {
            data_type: format!("{full}{array}"),
            canonical: format!("{full}{array}"),
            made: Some(second.clone()),
            kind: Some(kind.clone()),
            new: true,
            using: Some(using.clone()),
            ..change.clone()
        };
        let conversion = conversion(b, column, &own.data_type, &own.canonical, Some(&using))?;
        let fits = if array.is_empty() {
            castable::fits(b, column, &own.canonical, Some(kind), &conversion.forward)
        } else {
            Fits::Try
        };
        castable::ask(b, table, column, &own.canonical, &conversion.forward, (&fits, true));
        let dependents = Dependents::of(b, table, &change.column)?;
        own.by_second_column(b, table, dependents, &conversion, &fits)
    }
}

/// From the CREATE TYPE … AS ENUM at `at`: the rest of the dance, in either order of names.
fn recognised(wish: &Wish, at: usize, statement: &Statement) -> Option<Claim<ReplaceEnum>> {
    let Statement::CreateType(create) = statement else { return None };
    let NewType::Enum { labels } = &create.definition else { return None };
    let (mut atoms, mut columns) = (vec![at], Vec::new());
    let is_enum = |n: &TableName| user_types::labels(wish.catalog, &user_types::spelled(n, false)).is_some();
    let resolve = |name: &sql::ObjectName| user_types::resolve(wish.catalog, name);
    let created = resolve(&create.name);
    let renames: Vec<(usize, TableName, Ident)> = super::enum_value::type_actions(wish)
        .filter_map(|(i, name, action)| match action {
            TypeAction::Rename { to } => Some((i, name, to.clone())),
            _ => None,
        })
        .collect();
    let dropped = |name: &TableName| {
        wish.statements().find_map(|(i, s)| match s {
            Statement::Known { op, target: Some(target), also, .. }
                if op == "drop-type" && also.is_empty() && i > at =>
            {
                let full = TableName {
                    schema: target.schema.clone().unwrap_or_else(|| name.schema.clone()),
                    name: target.name.clone(),
                };
                (full == *name).then_some(i)
            }
            _ => None,
        })
    };
    // The old one steps aside first, or the new one gets the name last.
    let first = renames.iter().find(|(i, name, _)| *i < at && *name == created && is_enum(name));
    let (name, second) = match first {
        Some((i, name, aside)) => {
            atoms.extend([*i, dropped(&name.sibling(aside.0.clone()))?]);
            (name.clone(), None)
        }
        None => {
            let (i, _, to) = renames.iter().find(|(i, name, _)| *i > at && *name == created)?;
            let name = created.sibling(to.0.clone());
            if !is_enum(&name) {
                return None;
            }
            atoms.extend([*i, dropped(&name)?]);
            (name, Some(created.clone()))
        }
    };
    let mut written = create.name.name.0.clone();
    for (i, atom) in wish.atoms.iter().enumerate().filter(|(i, _)| *i > at) {
        let Part::Alter { table, action: Alter::SetType { column, data_type, .. } } = &atom.part else { continue };
        let today = wish.table(table)?.column(column)?;
        let spelled = data_type.trim_end_matches("[]").trim();
        let meant = spelled.rsplit('.').next().unwrap_or(spelled).trim_matches('"');
        let of_old = user_types::find(wish.catalog, &today.data_type).is_some_and(|t| t.name == name);
        if of_old && meant == created.name.as_str() {
            let claim = ChangeType::at(wish, i, table)?;
            spelled.clone_into(&mut written);
            let using = match &wish.atoms.get(i)?.part {
                Part::Alter { action: Alter::SetType { using, .. }, .. } => using.clone(),
                _ => None,
            };
            atoms.extend(claim.atoms);
            columns.push(ChangeType { using, ..claim.change });
        }
    }
    if columns.is_empty() {
        return None;
    }
    atoms.sort_unstable();
    atoms.dedup();
    Some(Claim { atoms, change: ReplaceEnum { name, second, labels: labels.clone(), columns, written } })
}
