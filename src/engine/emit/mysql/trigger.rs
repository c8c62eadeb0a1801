//! The triggers that keep two columns in step: MySQL has one event to a trigger, so one for INSERT and one for UPDATE.

use super::id;
use crate::model::{Ident, TableName};

/// Two sides of a row and how each is made from the other. Expressions read `NEW.column`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sync {
    pub table: TableName,
    /// The table as a plan's statements write it.
    pub name: String,
    pub on_insert: Ident,
    pub on_update: Ident,
    /// New column := expression over old columns.
    pub forward: Vec<(Ident, String)>,
    /// Old column := expression over new columns; empty: one way only.
    pub back: Vec<(Ident, String)>,
    /// True where a new column holds what follows from the old ones.
    pub agree: Vec<String>,
    /// Columns of both sides that are compared byte by byte: to a collation `ann` is `Ann`, and nothing has changed.
    pub texts: Vec<Ident>,
    /// Old columns that `forward` reads.
    pub reads: Vec<Ident>,
}

impl Sync {
    /// A row whose new side is empty is filled from the old side; one whose new side was written by a newer release leads.
    pub fn insert(&self) -> String {
        let new: Vec<String> = self.forward.iter().map(|(c, _)| format!("NEW.{} IS NULL", id(c))).collect();
        let body = if self.back.is_empty() {
            format!("  IF {} THEN\n{}  END IF;\n", new.join(" AND "), set(&self.forward))
        } else {
            format!("  IF {} THEN\n{}  ELSE\n{}  END IF;\n", new.join(" AND "), set(&self.forward), set(&self.back))
        };
        self.create(&self.on_insert, "INSERT", &body)
    }

    /// The side that the statement changes leads; where it changes both, the new one.
    pub fn update(&self) -> String {
        let changed = |columns: &mut dyn Iterator<Item = &Ident>| {
            let one = |c: &Ident| match self.texts.contains(c) {
                true => format!("NOT (CAST(NEW.{0} AS BINARY) <=> CAST(OLD.{0} AS BINARY))", id(c)),
                false => format!("NOT (NEW.{0} <=> OLD.{0})", id(c)),
            };
            columns.map(one).collect::<Vec<_>>().join(" OR ")
        };
        let old_changed = changed(&mut self.reads.iter());
        let new_changed = changed(&mut self.forward.iter().map(|(c, _)| c));
        let body = if self.back.is_empty() {
            format!("  IF ({old_changed}) AND NOT ({new_changed}) THEN\n{}  END IF;\n", set(&self.forward))
        } else {
            // A backfill writes exactly what follows from the old side, and must not touch it.
            let differs = self.agree.iter().map(|same| format!("NOT ({same})")).collect::<Vec<_>>().join(" OR ");
            format!(
                "  IF ({new_changed}) AND ({differs}) THEN\n{}  ELSEIF {old_changed} THEN\n{}  END IF;\n",
                set(&self.back),
                set(&self.forward)
            )
        };
        self.create(&self.on_update, "UPDATE", &body)
    }

    fn create(&self, name: &Ident, event: &str, body: &str) -> String {
        format!("CREATE TRIGGER {} BEFORE {event} ON {} FOR EACH ROW\nBEGIN\n{body}END", id(name), self.name)
    }
}

fn set(pairs: &[(Ident, String)]) -> String {
    pairs.iter().map(|(c, made)| format!("    SET NEW.{} = {made};\n", id(c))).collect()
}
