//! All that a script says of one column, whatever it calls it by then: the changes of it that are planned as one.

use super::not_null::{SetNotNull, fills_nulls};
use super::wish::{Part, Wish};
use crate::model::{Ident, TableName};
use crate::sql::{Alter, Expression, Statement};

/// What the column shall be in the end, as far as the script says so. The last word counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Indexes into [`Wish::atoms`], ascending.
    pub atoms: Vec<usize>,
    pub name: Ident,
    /// The atom that sets the type.
    pub data_type: Option<usize>,
    /// `Some(None)` drops it.
    pub default: Option<Option<Expression>>,
    pub nulls: Option<Nulls>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Nulls {
    /// With the value that an UPDATE of the script gives the rows that hold NULL.
    Refused {
        fill: Option<Expression>,
    },
    Allowed,
}

impl Said {
    /// None for a column that is not there today, and where one plan cannot hold what is said: a second type, a drop.
    pub fn of(wish: &Wish, table: &TableName, column: &Ident) -> Option<Self> {
        let today = wish.table(table)?;
        today.column(column)?;
        let mut said = Self { atoms: Vec::new(), name: column.clone(), data_type: None, default: None, nulls: None };
        let mut filled: Option<(usize, Expression)> = None;
        for (at, atom) in wish.atoms.iter().enumerate() {
            let action = match &atom.part {
                Part::Alter { table: other, action } if other == table => *action,
                Part::Whole(Statement::Update(update)) if update.table.resolve(wish.catalog) == *table => {
                    filled = match update.assignments.as_slice() {
                        [one]
                            if one.column == said.name
                                && update.from.is_none()
                                && !one.value.has_subquery
                                && one.value.columns.iter().all(|c| today.column(c).is_some())
                                && fills_nulls(update.filter.as_ref(), &said.name) =>
                        {
                            Some((at, one.value.clone()))
                        }
                        _ => filled,
                    };
                    continue;
                }
                _ => continue,
            };
            match action {
                Alter::RenameColumn { from, to } if *from == said.name => said.name = to.clone(),
                Alter::SetType { column, .. } if *column == said.name => {
                    if said.data_type.replace(at).is_some() {
                        return None;
                    }
                }
                Alter::SetDefault { column, default } if *column == said.name => {
                    said.default = Some(Some(default.clone()));
                }
                Alter::DropDefault { column } if *column == said.name => said.default = Some(None),
                Alter::SetNotNull { column } if *column == said.name => {
                    said.atoms.extend(filled.as_ref().map(|(at, _)| *at));
                    said.nulls = Some(Nulls::Refused { fill: filled.take().map(|(_, value)| value) });
                }
                Alter::DropNotNull { column } if *column == said.name => said.nulls = Some(Nulls::Allowed),
                Alter::DropColumn { column, .. }
                | Alter::AddIdentity { column, .. }
                | Alter::DropIdentity { column }
                    if *column == said.name =>
                {
                    return None;
                }
                _ => continue,
            }
            said.atoms.push(at);
        }
        said.atoms.sort_unstable();
        Some(said)
    }

    /// What it is called in the end, for what the script says of it elsewhere.
    pub fn final_name(wish: &Wish, table: &TableName, column: &Ident) -> Ident {
        wish.alters().filter(|(_, t, _)| *t == table).fold(column.clone(), |name, (_, _, action)| match action {
            Alter::RenameColumn { from, to } if *from == name => to.clone(),
            _ => name,
        })
    }
}

impl Nulls {
    /// The change that is about nothing else.
    pub fn refused(&self, table: &TableName, column: &Ident) -> Option<SetNotNull> {
        match self {
            Self::Refused { fill } => {
                Some(SetNotNull { table: table.clone(), column: column.clone(), fill: fill.clone() })
            }
            Self::Allowed => None,
        }
    }
}

/// Two actions say something of the same thing: the later one counts.
pub fn of_nulls(action: &Alter) -> Option<&Ident> {
    match action {
        Alter::SetNotNull { column } | Alter::DropNotNull { column } => Some(column),
        _ => None,
    }
}

pub fn of_default(action: &Alter) -> Option<&Ident> {
    match action {
        Alter::SetDefault { column, .. } | Alter::DropDefault { column } => Some(column),
        _ => None,
    }
}

/// The atoms that `about` finds for the same column as atom `at`, if that is the last of them.
pub fn last_word(
    wish: &Wish,
    at: usize,
    table: &TableName,
    column: &Ident,
    about: fn(&Alter) -> Option<&Ident>,
) -> Option<Vec<usize>> {
    let same = |(_, t, action): &(usize, &TableName, &Alter)| *t == table && about(action) == Some(column);
    let all: Vec<usize> = wish.alters().filter(same).map(|(i, ..)| i).collect();
    (all.last() == Some(&at)).then_some(all)
}
