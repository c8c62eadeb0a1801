//! What a script asks for around an ALTER COLUMN TYPE: the column's default, foreign keys over it, views that make room for it.

use super::ChangeType;
use crate::change::recipe::conversion::by_full_name;
use crate::change::recipe::views::names_above;
use crate::change::said::Said;
use crate::change::wish::{Claim, Part, Wish};
use crate::engine::user_types;
use crate::model::{Ident, TableName};
use crate::sql::{self, Alter, ConstraintBody, Statement};

impl ChangeType {
    /// `DROP VIEW v; ALTER …; CREATE VIEW v …`: the plan does in one transaction what the script does in three.
    fn take_views(&mut self, wish: &Wish, at: usize, atoms: &mut Vec<usize>) {
        let above = names_above(wish.catalog, &self.table, &self.column);
        let created = |name: &TableName| {
            wish.statements().find_map(|(later, s)| match s {
                Statement::CreateView(v) if later > at && !v.materialized && v.name.resolve(wish.catalog) == *name => {
                    Some((later, wish.atoms.get(later)?.text.trim().to_owned()))
                }
                _ => None,
            })
        };
        let created_again = |name: &TableName| {
            let creates = |later: usize, s: &Statement| {
                later > at
                    && matches!(s, Statement::CreateView(v) if v.materialized && v.name.resolve(wish.catalog) == *name)
            };
            wish.statements().any(|(later, s)| creates(later, s))
        };
        self.remade = wish.statements().filter(|(before, _)| *before < at).find_map(|(_, s)| match s {
            Statement::DropView { names, materialized: true, .. } => {
                let mut names = names.iter().map(|n| n.resolve(wish.catalog));
                names.find(|n| above.contains(n) && created_again(n))
            }
            _ => None,
        });
        for (before, statement) in wish.statements() {
            let Statement::DropView { names, materialized: false, cascade: false, .. } = statement else { continue };
            let names: Vec<TableName> = names.iter().map(|n| n.resolve(wish.catalog)).collect();
            let again: Option<Vec<_>> = names.iter().map(created).collect();
            let (Some(again), true) = (again, before < at && names.iter().all(|n| above.contains(n))) else { continue };
            atoms.push(before);
            for (name, (later, text)) in names.into_iter().zip(again) {
                atoms.push(later);
                self.views.push((name, text));
            }
        }
        self.shared = wish.alters().filter(|(other, ..)| *other != at).find_map(|(_, table, action)| match action {
            Alter::SetType { column, .. } => {
                let theirs = names_above(wish.catalog, table, column);
                self.views.iter().map(|(n, _)| n).find(|n| theirs.contains(n)).cloned()
            }
            _ => None,
        });
    }

    /// The change of atom `at` alone, as one of `column`, which the script may call otherwise by then.
    pub fn typed(wish: &Wish, at: usize, table: &TableName, column: &Ident) -> Option<Self> {
        let Part::Alter { action: Alter::SetType { column: called, data_type, collation, using }, .. } =
            &wish.atoms.get(at)?.part
        else {
            return None;
        };
        wish.table(table)?.column(column)?;
        let found = user_types::find(wish.target, data_type).or_else(|| user_types::find(wish.catalog, data_type));
        let made = found.map(|t| t.name.clone());
        let array = if data_type.trim().ends_with("[]") { "[]" } else { "" };
        let full = made.as_ref().map(|n| format!("{}{array}", user_types::spelled(n, false)));
        let written = data_type.trim_end_matches("[]").trim();
        let using = match (&made, using) {
            (Some(name), Some(using)) => {
                let spelled = user_types::spelled(name, false);
                let text = by_full_name(using.sql.trim(), written, &spelled);
                Some(text.map_or_else(|| using.clone(), |t| sql::expression(&t)))
            }
            (_, using) => using.clone(),
        };
        let today = crate::engine::dialect(crate::model::Engine::Postgresql).ident(column);
        let by_todays_name = |using: sql::Expression| {
            let text = sql::rename_column_in(&using, &|c| (c == called).then(|| today.clone()));
            text.map_or(using, |t| sql::expression(&t))
        };
        Some(Self {
            table: table.clone(),
            column: column.clone(),
            shown: data_type.clone(),
            data_type: full.clone().unwrap_or_else(|| data_type.clone()),
            canonical: full.unwrap_or_else(|| user_types::canonical(wish.catalog, data_type)),
            made,
            kind: found.map(|t| t.kind.clone()),
            new: found.is_some_and(|f| !wish.catalog.types.iter().any(|t| t.name == f.name)),
            collation: collation.clone(),
            using: if called == column { using } else { using.map(by_todays_name) },
            default: None,
            nulls: None,
            keys: Vec::new(),
            fillings: Vec::new(),
            views: Vec::new(),
            shared: None,
            remade: None,
        })
    }

    /// The change whose ALTER COLUMN … TYPE is atom `at`, with what the script says of the same column beside it.
    pub fn at(wish: &Wish, at: usize, table: &TableName) -> Option<Claim<Self>> {
        let Part::Alter { action: Alter::SetType { column, .. }, .. } = &wish.atoms.get(at)?.part else {
            return None;
        };
        let mut change = Self::typed(wish, at, table, column)?;
        let today = wish.table(table)?.column(column)?;
        let mut atoms = vec![at];
        change.take_views(wish, at, &mut atoms);
        match Said::of(wish, table, column) {
            // With another name it is a rename that has a type with it.
            Some(said) if said.name != *column => return None,
            Some(said) => {
                change.default = said.default.map(|d| d.map(|d| d.sql));
                change.nulls = said.nulls;
                atoms.extend(said.atoms.into_iter().filter(|a| *a != at));
            }
            None => {}
        }
        let from_enum = user_types::labels(wish.catalog, &today.data_type).is_some();
        for (i, _, action) in wish.alters().filter(|(i, other, _)| *i != at && *other == table) {
            match action {
                Alter::AddConstraint(key) if from_enum && i > at => match &key.body {
                    ConstraintBody::ForeignKey { columns, table: target, referenced, .. }
                        if columns.as_slice() == [column.clone()] && !key.not_valid =>
                    {
                        let target = target.resolve(wish.target);
                        let own = wish.target.table(&target).and_then(|t| t.primary_key()).map(|k| k.columns.clone());
                        let referenced =
                            if referenced.is_empty() { own.unwrap_or_default() } else { referenced.clone() };
                        change.keys.push((key.clone(), target, referenced));
                    }
                    _ => continue,
                },
                _ => continue,
            }
            atoms.push(i);
        }
        for (i, statement) in wish.statements() {
            let Statement::Insert { table: into, .. } = statement else { continue };
            let into = into.resolve(wish.target);
            if change.keys.iter().any(|(_, target, _)| *target == into) {
                atoms.push(i);
                change.fillings.extend(wish.atoms.get(i).map(|a| a.text.trim().to_owned()));
            }
        }
        atoms.sort_unstable();
        Some(Claim { atoms, change })
    }
}
