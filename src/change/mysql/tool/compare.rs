//! What a copy may lose without a word, and the query that finds it: rows that a key of the new table holds equal, and ends of texts
//! that do not fit any more.

use crate::engine::emit::mysql::id;
use crate::engine::emit::mysql::probe::answer;
use crate::model::{Column, Ident, Table};
use crate::sql::mysql::statement::Action;

/// Old columns whose values the change writes anew.
fn rewritten<'t>(table: &'t Table, actions: &[Action]) -> Vec<&'t Column> {
    let mut found: Vec<&Column> = Vec::new();
    for action in actions {
        match action {
            Action::ModifyColumn { column, .. } => found.extend(table.column(&column.name)),
            Action::ChangeColumn { from, .. } => found.extend(table.column(from)),
            Action::ConvertCharset { .. } => found.extend(table.columns.iter().filter(|c| is_text(c))),
            _ => {}
        }
    }
    found
}

fn base(column: &Column) -> String {
    column.data_type.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_lowercase()
}
fn is_text(column: &Column) -> bool {
    let base = base(column);
    base.ends_with("char") || base.ends_with("text") || matches!(base.as_str(), "enum" | "set")
}
fn is_bytes(column: &Column) -> bool {
    let base = base(column);
    base.ends_with("binary") || base.ends_with("blob")
}
fn is_whole_number(column: &Column) -> bool {
    base(column).ends_with("int")
}

/// A column by whose change the copy could lose rows or ends of values. A whole number stays what it is or is refused.
pub fn collapses(table: &Table, actions: &[Action]) -> Option<Ident> {
    let of_a_key = |c: &Column| {
        table.indexes.iter().filter(|i| i.unique).flat_map(|i| i.keys.iter().flatten()).any(|k| *k == c.name)
    };
    rewritten(table, actions)
        .into_iter()
        .find(|c| is_text(c) || is_bytes(c) || (of_a_key(c) && !is_whole_number(c)))
        .map(|c| c.name.clone())
}

/// Texts and bytes that are compared row by row: as bytes of one character set, since the two tables may differ in theirs.
fn compared(table: &Table, actions: &[Action]) -> Vec<String> {
    let rows = rewritten(table, actions);
    let key = key(table);
    // Rows whose key itself is written anew cannot be looked up by it.
    if key.iter().any(|k| rows.iter().any(|c| c.name == *k && is_text(c))) {
        return Vec::new();
    }
    let bytes = |side: &str, name: &str| format!("CAST(CONVERT({side}.{name} USING utf8mb4) AS BINARY)");
    rows.iter()
        .filter_map(|c| {
            let name = id(&c.name);
            let new = actions.iter().find_map(|a| match a {
                Action::ChangeColumn { from, column, .. } if *from == c.name => Some(id(&column.name)),
                _ => None,
            });
            let new = new.unwrap_or_else(|| name.clone());
            if is_text(c) {
                Some(format!("{} <=> {}", bytes("o", &name), bytes("n", &new)))
            } else if is_bytes(c) {
                Some(format!("o.{name} <=> n.{new}"))
            } else {
                None
            }
        })
        .collect()
}

fn key(table: &Table) -> Vec<Ident> {
    if let Some(primary) = table.primary_key() {
        return primary.columns.clone();
    }
    let unique = table.indexes.iter().find(|i| {
        i.unique && !i.has_expressions && i.keys.iter().flatten().all(|k| table.column(k).is_some_and(|c| c.not_null))
    });
    unique.map(|i| i.keys.iter().flatten().cloned().collect()).unwrap_or_default()
}

/// One statement, and so one moment: as many rows in both tables, and the same texts in them.
pub fn rows_agree(table: &Table, actions: &[Action], new: &Ident) -> String {
    let (old, new) = (id(&table.name.name), id(new));
    let mut condition = format!("(SELECT COUNT(*) FROM {old}) = (SELECT COUNT(*) FROM {new})");
    let texts = compared(table, actions);
    if !texts.is_empty() {
        let on: Vec<String> = key(table).iter().map(|k| format!("n.{0} = o.{0}", id(k))).collect();
        condition.push_str(&format!(
            " AND NOT EXISTS (SELECT 1 FROM {old} AS o JOIN {new} AS n ON {} WHERE NOT ({}))",
            on.join(" AND "),
            texts.join(" AND ")
        ));
    }
    answer(&condition)
}

/// What the query looks at, for people.
pub fn what(table: &Table, actions: &[Action]) -> String {
    let whole =
        "Counts the rows of both tables in one moment: the tool lets go of rows that a key holds equal without a word";
    if compared(table, actions).is_empty() {
        format!("{whole}.")
    } else {
        format!("{whole}, and of the ends of texts that do not fit, which are compared.")
    }
}
