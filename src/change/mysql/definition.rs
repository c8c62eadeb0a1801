//! Whether a column has the definition that a MODIFY gives it: every attribute that changes is asked for, or the step would take
//! itself for done before it ran.

use super::types::{shape, type_is};
use super::{On, spell};
use crate::engine::emit::mysql::literal;
use crate::engine::emit::mysql::probe::Ask;
use crate::model::mysql::MysqlColumn;
use crate::model::{Column, Ident};
use crate::sql::mysql::statement::{ColumnDef, Position};

/// What a MODIFY changes of a column.
pub struct Change<'a> {
    pub on: On<'a>,
    pub old: &'a Column,
    /// As the server will have it.
    pub new: &'a Column,
    pub written: &'a ColumnDef,
    pub position: Option<&'a Position>,
}

impl Change<'_> {
    fn words(column: &Column) -> MysqlColumn {
        column.mysql.as_deref().cloned().unwrap_or_default()
    }

    fn moves(&self) -> bool {
        let place = spell::position(self.position);
        !place.is_empty() && place != spell::place(self.on.table, &self.old.name)
    }

    /// The column is so already, where it is.
    pub fn is_none(&self) -> bool {
        self.old == self.new && !self.moves()
    }

    /// Conditions that hold afterwards and not before; none where the database does not tell.
    pub fn reached(&self) -> Option<Vec<String>> {
        let (table, name, ask) = (self.on.name(), &self.old.name, Ask(self.on.before));
        let (old, new) = (self.old, self.new);
        let (before, after) = (Self::words(old), Self::words(new));
        let mut told = false;
        let mut all = vec![type_is(&ask, table, name, &self.written.data_type)];
        let labels = |c: &Column| shape(&c.data_type).word.contains("enum") || shape(&c.data_type).word == "set";
        if old.data_type != new.data_type {
            told |= shape(&old.data_type) != shape(&new.data_type) || labels(old);
        }
        if old.not_null != new.not_null {
            told = true;
            all.push(ask.not_null(table, name, new.not_null));
        }
        let default = |c: &Column| c.default.as_ref().map(|d| d.sql.clone());
        match &self.written.default {
            Some(written) if default(old).as_ref() != Some(written) => {
                told |= default(old) != default(new);
                all.push(ask.default_is(table, name, written));
            }
            None if old.default.is_some() && new.default.is_none() => {
                told = true;
                all.push(ask.has_default(table, name, false));
            }
            _ => {}
        }
        if old.comment != new.comment {
            told = true;
            let comment = literal(new.comment.as_deref().unwrap_or(""));
            all.push(ask.column(table, name, &format!(" AND COLUMN_COMMENT = {comment}")));
        }
        if (before.charset != after.charset || before.collation != after.collation)
            && let Some(condition) = self.letters(&after)
        {
            told = true;
            all.push(ask.column(table, name, &condition));
        }
        for (was, is, word) in [
            (before.auto_increment, after.auto_increment, "auto_increment"),
            (before.on_update.is_some(), after.on_update.is_some(), "on update"),
            (before.invisible, after.invisible, "INVISIBLE"),
        ] {
            if was != is {
                told = true;
                let not = if is { "" } else { "NOT " };
                all.push(ask.column(table, name, &format!(" AND EXTRA {not}LIKE '%{word}%'")));
            }
        }
        if self.moves() {
            told = true;
            all.push(self.place());
        }
        told.then_some(all)
    }

    /// Newer servers call utf8 utf8mb3.
    fn letters(&self, after: &MysqlColumn) -> Option<String> {
        let plain = |text: &str| text.to_lowercase().replace("utf8mb3", "utf8");
        let same = |column: &str, value: &str| {
            format!(" AND REPLACE({column}, 'utf8mb3', 'utf8') = {}", literal(&plain(value)))
        };
        match (&self.written.collation, &self.written.charset, &after.collation) {
            (Some(collation), ..) => Some(same("COLLATION_NAME", collation)),
            (None, Some(charset), _) => Some(same("CHARACTER_SET_NAME", charset)),
            (None, None, Some(collation)) => Some(same("COLLATION_NAME", collation)),
            _ => None,
        }
    }

    fn place(&self) -> String {
        let (table, ask) = (self.on.name(), Ask(self.on.before));
        let at = |column: &Ident| ask.place(table, column);
        match self.position {
            Some(Position::After(other)) => format!("{} = {} + 1", at(&self.old.name), at(other)),
            _ => format!("{} = 1", at(&self.old.name)),
        }
    }
}
