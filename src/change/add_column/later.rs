//! What a script says of a column behind its ADD COLUMN: the column is added as it shall be.

use super::Added;
use crate::change::column_default::SetDefault;
use crate::change::wish::Wish;
use crate::change::{Kind, Refusal};
use crate::engine::emit::probe;
use crate::model::{Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::plan::{PhaseName, Undo};
use crate::sql::{Alter, ColumnDef, serial_base};

/// Takes up what is said later, as far as the definition can hold it; answers the atoms.
pub fn take_up(wish: &Wish, at: usize, table: &TableName, added: &mut Added) -> Vec<usize> {
    let mut atoms = Vec::new();
    let mut name = added.column.name.clone();
    for (i, other, action) in wish.alters() {
        if other != table || i <= at {
            continue;
        }
        match action {
            Alter::SetNotNull { column } if *column == name => (added.not_null, added.nullable) = (true, false),
            Alter::DropNotNull { column } if *column == name => match without_not_null(added) {
                Some(text) => {
                    added.text = text;
                    (added.not_null, added.column.not_null, added.nullable) = (false, false, true);
                }
                None => return atoms,
            },
            Alter::SetDefault { column, default } if *column == name => {
                added.default = Some(default.clone());
                added.drops_default = false;
            }
            Alter::DropDefault { column } if *column == name => {
                let written = added.column.default.clone();
                added.drops_default = written.is_some();
                added.default = written;
            }
            Alter::RenameColumn { from, to } if *from == name => match renamed(added, to) {
                Some(text) => {
                    added.text = text;
                    added.first_name.get_or_insert_with(|| name.clone());
                    added.column.name = to.clone();
                    name = to.clone();
                }
                None => return atoms,
            },
            Alter::SetType { column, data_type, collation, using: None } if *column == name => {
                let plain = added.column.constraints.is_empty()
                    && added.column.generated.is_none()
                    && serial_base(&added.column.data_type).is_none();
                let rest = behind_name(&added.text).and_then(|r| r.strip_prefix(added.column.data_type.as_str()));
                let (Some(rest), true, None) =
                    (rest, plain && added.column.identity.is_none(), &added.column.collation)
                else {
                    return atoms;
                };
                let collate = collation.as_ref().map_or_else(String::new, |c| format!(" COLLATE {c}"));
                added.text = format!("{} {data_type}{collate}{rest}", ident(&name));
                added.column.data_type.clone_from(data_type);
                added.column.collation.clone_from(collation);
            }
            _ => continue,
        }
        atoms.push(i);
    }
    atoms
}

fn ident(name: &Ident) -> String {
    crate::engine::dialect(crate::model::Engine::Postgresql).ident(name)
}

/// The definition under another name; none where it names itself elsewhere.
fn renamed(added: &Added, to: &Ident) -> Option<String> {
    let alone = added.column.constraints.is_empty() && added.column.generated.is_none();
    behind_name(&added.text).filter(|_| alone).map(|rest| format!("{} {rest}", ident(to)))
}

/// The definition with its NOT NULL taken out; none where more than one may be meant.
fn without_not_null(added: &Added) -> Option<String> {
    if !added.column.not_null {
        return Some(added.text.clone());
    }
    let upper = added.text.to_ascii_uppercase();
    let mut found = upper.match_indices(" NOT NULL");
    let (Some((at, words)), None) = (found.next(), found.next()) else { return None };
    Some(format!("{}{}", added.text.get(..at)?, added.text.get(at + words.len()..)?))
}

/// `integer DEFAULT 1` of `"a b" integer DEFAULT 1`.
fn behind_name(text: &str) -> Option<&str> {
    let text = text.trim_start();
    let end = match text.strip_prefix('"') {
        Some(quoted) => {
            let mut chars = quoted.char_indices().peekable();
            loop {
                let (at, c) = chars.next()?;
                if c == '"' && chars.next_if(|(_, next)| *next == '"').is_none() {
                    break at + 2;
                }
            }
        }
        None => text.find(char::is_whitespace)?,
    };
    text.get(end..).map(str::trim_start)
}

/// What is behind the definition in the same ALTER TABLE where another default follows the one that the rows get which are there.
pub fn for_new_rows(b: &Builder, added: &Added) -> String {
    match (&added.column.default, &added.default) {
        (Some(first), Some(last)) if first.sql != last.sql => {
            format!(", ALTER COLUMN {} SET DEFAULT {}", b.id(&added.column.name), last.sql)
        }
        _ => String::new(),
    }
}

/// A default that comes behind ADD COLUMN is none for the rows that are there.
pub fn set_default(b: &mut Builder, table: &Table, added: &Added) -> Result<(), Refusal> {
    let Some(default) = &added.default else { return Ok(()) };
    let (table, column) = (table.name.clone(), added.column.name.clone());
    SetDefault { table, column, default: default.clone() }.plan(b).map(|_| ())
}

/// Of a serial column that was added at once.
pub fn drop_not_null(b: &mut Builder, table: &Table, column: &ColumnDef) {
    let (t, name) = (b.name(&table.name), &column.name);
    let sql = vec![format!("ALTER TABLE {t} ALTER COLUMN {} DROP NOT NULL", b.id(name))];
    let mut draft =
        Draft::sql(PhaseName::Expand, Rank::SetDefault, format!("Let `{}.{name}` be NULL", table.name), sql, b.brief())
            .why("A serial column is NOT NULL by itself.")
            .on(&table.name)
            .done(probe::column_nullable(&table.name, name));
    draft.undo = Undo::Nothing { because: "The column goes with the step before.".to_owned() };
    b.push(draft);
}

/// The default was for the rows that are there: it goes once a release sends the value itself.
pub fn drop_default(b: &mut Builder, table: &Table, added: &Added) {
    let (t, c) = (b.name(&table.name), b.id(&added.column.name));
    let Some(default) = &added.column.default else { return };
    let need = Need::new(Slot::Tolerate, Placement::Fixed, &table.name);
    b.need(need.writes(std::slice::from_ref(&added.column.name)).say(format!(
        "Send a value for `{}` in every INSERT into `{}`: its default goes.",
        added.column.name, table.name
    )));
    b.push(
        Draft::sql(
            PhaseName::Migrate,
            Rank::Other,
            format!("Drop the default of `{}.{}`", table.name, added.column.name),
            vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT")],
            b.brief(),
        )
        .why("Catalog only. It stood for the rows that were there, and for releases that do not know the column.")
        .on(&table.name)
        .undo(b.undo_sql(
            vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", default.sql)],
            "Catalog only; brief lock.",
        ))
        .done(probe::default_gone(&table.name, &added.column.name))
        .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_the_name_is_found() {
        assert_eq!(behind_name("a integer DEFAULT 1"), Some("integer DEFAULT 1"));
        assert_eq!(behind_name("\"a \"\"b\" text"), Some("text"));
        assert_eq!(behind_name("a"), None);
    }
}
