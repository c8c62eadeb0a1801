//! The trigger that keeps an old and a new structure in step, row by row, in both directions where a way back exists.

use super::dollar_quote;
use crate::engine::dialect;
use crate::model::{Engine, Ident, Server, TableName};

/// Two sides of a row and how each is made from the other. Expressions read `NEW.column`.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncTrigger {
    pub table: TableName,
    pub function: TableName,
    pub trigger: Ident,
    /// New column := expression over old columns.
    pub forward: Vec<(Ident, String)>,
    /// Old column := expression over new columns; empty: one way only.
    pub back: Vec<(Ident, String)>,
    /// Old columns that `forward` reads.
    pub reads: Vec<Ident>,
    /// Columns that get NULL where their expression fails: the statement that writes the row must not fail for it.
    pub guarded: Vec<Ident>,
    /// Columns whose type has no `=`: compared as texts.
    pub by_text: Vec<Ident>,
    /// The new column gets a first value and does not follow the old ones; see [`FirstValue`].
    pub first: Option<FirstValue>,
}

/// An expression that is NULL for some rows: a row that an UPDATE brings under it gets its first value then, as an INSERT would
/// give it. One that had its chance before is left alone: a release that knows the column may have emptied it.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstValue {
    pub reads: Vec<Ident>,
    /// The expression over `OLD.column`.
    pub before: String,
}

/// Types without `=`: two values can only be compared as texts.
pub fn without_equality(data_type: &str) -> bool {
    matches!(data_type, "json" | "xml" | "point" | "polygon" | "path")
}

impl SyncTrigger {
    /// `CREATE FUNCTION`, `CREATE TRIGGER`.
    ///
    /// The trigger's name sorts last (`zz_`): it must see what other BEFORE triggers made of the row.
    pub fn create(&self, server: &Server) -> Vec<String> {
        let d = dialect(Engine::Postgresql);
        let function = d.name(&self.function);
        // PROCEDURE is the only spelling before 11 and still accepted after.
        let execute = if server.since(11) { "FUNCTION" } else { "PROCEDURE" };
        vec![
            format!(
                "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS {}",
                dollar_quote(&self.body())
            ),
            format!(
                "CREATE TRIGGER {} BEFORE {} ON {} FOR EACH ROW EXECUTE {execute} {function}()",
                d.ident(&self.trigger),
                self.events(),
                d.name(&self.table)
            ),
        ]
    }

    fn events(&self) -> String {
        match &self.first {
            Some(first) => format!("INSERT OR UPDATE OF {}", dialect(Engine::Postgresql).idents(&first.reads)),
            None if self.reads.is_empty() => "INSERT".to_owned(),
            None => "INSERT OR UPDATE".to_owned(),
        }
    }

    pub fn drop(&self) -> Vec<String> {
        let d = dialect(Engine::Postgresql);
        vec![
            format!("DROP TRIGGER {} ON {}", d.ident(&self.trigger), d.name(&self.table)),
            format!("DROP FUNCTION {}()", d.name(&self.function)),
        ]
    }

    /// A row whose new side is empty is filled from the old side; a new side that does not follow from the old side
    /// was written by a newer release, and the old side follows it. The second test also keeps a backfill
    /// (which writes exactly what follows from the old side) from ever touching the old column.
    fn body(&self) -> String {
        let d = dialect(Engine::Postgresql);
        let new: Vec<String> = self.forward.iter().map(|(c, _)| format!("NEW.{}", d.ident(c))).collect();
        let assign = |(column, made): &(Ident, String)| {
            let c = d.ident(column);
            if self.guarded.contains(column) {
                return format!(
                    "BEGIN\n      NEW.{c} := {made};\n    EXCEPTION WHEN data_exception OR integrity_constraint_violation THEN\n      NEW.{c} := NULL;\n    END;"
                );
            }
            format!("NEW.{c} := {made};")
        };
        let set = |pairs: &[(Ident, String)]| pairs.iter().map(assign).collect::<Vec<_>>().join("\n    ");
        let text = |column: &Ident| if self.by_text.contains(column) { "::text" } else { "" };
        let differs = self
            .forward
            .iter()
            .map(|(c, made)| format!("NEW.{}{1} IS DISTINCT FROM ({made}){1}", d.ident(c), text(c)))
            .collect::<Vec<_>>()
            .join(" OR ");
        let empty = new.iter().map(|n| format!("{n} IS NULL")).collect::<Vec<_>>().join(" AND ");
        let changed = |columns: &mut dyn Iterator<Item = &Ident>| {
            columns
                .map(|c| format!("NEW.{0}{1} IS DISTINCT FROM OLD.{0}{1}", d.ident(c), text(c)))
                .collect::<Vec<_>>()
                .join(" OR ")
        };
        let new_changed = changed(&mut self.forward.iter().map(|(c, _)| c));
        let old_changed = changed(&mut self.reads.iter());
        let forward = set(&self.forward);
        if let Some(first) = &self.first {
            let was_empty = empty.replace("NEW.", "OLD.");
            // OLD means nothing in an INSERT before 11: the two stand apart.
            return format!(
                "BEGIN\n  IF TG_OP = 'INSERT' THEN\n    IF {empty} THEN\n      {forward}\n    END IF;\n  \
                 ELSIF {empty} AND {was_empty} AND ({}) IS NULL THEN\n    {forward}\n  END IF;\n  RETURN NEW;\nEND",
                first.before
            );
        }
        if self.reads.is_empty() {
            return format!("BEGIN\n  IF {empty} THEN\n    {forward}\n  END IF;\n  RETURN NEW;\nEND");
        }
        if self.back.is_empty() {
            return format!(
                "BEGIN\n  IF TG_OP = 'INSERT' THEN\n    IF {empty} THEN\n    {forward}\n    END IF;\n  \
                 ELSIF ({old_changed}) AND NOT ({new_changed}) THEN\n    {forward}\n  END IF;\n  RETURN NEW;\nEND"
            );
        }
        let back = set(&self.back);
        format!(
            "BEGIN\n  IF TG_OP = 'INSERT' THEN\n    IF {empty} THEN\n    {forward}\n    ELSIF {differs} THEN\n    {back}\n    \
             END IF;\n  ELSIF ({new_changed}) AND ({differs}) THEN\n    {back}\n  ELSIF {old_changed} THEN\n    {forward}\n  \
             END IF;\n  RETURN NEW;\nEND"
        )
    }
}
