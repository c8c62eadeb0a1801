//! What is built on the new columns before the cut-over, and on the old ones for the way back.

use super::super::carry::{carry_all, definition_on, moved, moved_text, parse_constraint};
use super::super::constraint::Rows;
use super::super::index::{NewIndex, Unique, build, leftover_check};
use super::{Link, Part, Together};
use crate::change::Refusal;
use crate::engine::emit::probe;
use crate::model::{ConstraintKind, Ident};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::ConstraintBody;

impl Together<'_> {
    pub(super) fn build(&mut self, b: &mut Builder) -> Result<(), Refusal> {
        for part in &self.parts {
            part.key_index(b)?;
        }
        let mut all = Vec::new();
        for part in &self.parts {
            let table = part.table;
            let wanted = |c: &crate::model::Constraint| c.kind != ConstraintKind::PrimaryKey && !self.is_link(table, c);
            all.push(carry_all(b, table, &part.pairs(), Rows::New, &wanted)?);
        }
        for (part, twins) in self.parts.iter_mut().zip(all) {
            part.twins = twins;
        }
        for link in &self.links {
            self.link(b, link)?;
        }
        for part in &self.parts {
            part.spare(b)?;
        }
        Ok(())
    }

    /// The foreign key between the new columns, NOT VALID and then proved.
    fn link(&self, b: &mut Builder, link: &Link) -> Result<(), Refusal> {
        let (table, name) = (&link.table.name, &link.new);
        let (t, n) = (b.name(table), b.id(name));
        let (body, partner) = self.link_body(b, link)?;
        // The way back from the cut-over takes the new one along and brings the old one back unproved.
        let mut back = vec![format!("ALTER TABLE {t} DROP CONSTRAINT IF EXISTS {n}")];
        if link.constraint.valid {
            back.push(format!("ALTER TABLE {t} VALIDATE CONSTRAINT {}", b.id(&link.constraint.name)));
        }
        let undo = Undo::Sql {
            sql: back,
            transaction: TransactionMode::None,
            timeouts: b.validating(),
            because: "Brief lock on both tables; then proves the old foreign key again if the way back from the cut-over has brought it back NOT VALID, which blocks nobody.".to_owned(),
        };
        b.push(
            // Alone, so that its undo is run even where the way back from the cut-over has left nothing of it.
            Draft::alone(
                PhaseName::Migrate,
                Rank::Link,
                format!("Reference the new key of `{partner}` from `{table}` for new rows"),
                format!("ALTER TABLE {t} ADD CONSTRAINT {n} {body} NOT VALID"),
                b.brief(),
            )
            .why(format!("Takes the place of `{}`. NOT VALID: no existing row is read; both tables are locked against writes for a moment.", link.constraint.name))
            .on(table)
            .on(&partner)
            .undo(undo)
            .done(probe::constraint_exists(table, name))
            .watch("Who holds a lock on the table", probe::lock_holders(table))
            .watch("Who holds a lock on the referenced table", probe::lock_holders(&partner))
            .abort_if(format!("Writers fail on `{name}`: take the step back.")),
        );
        if !link.constraint.valid {
            return Ok(());
        }
        let mut validate = Draft::sql(
            PhaseName::Migrate,
            Rank::Link,
            format!("Validate `{name}` of `{table}`"),
            vec![format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}")],
            b.validating(),
        )
        .why("Reads the rows under a lock that lets reads and writes pass, so that the cut-over has nothing to read.")
        .on(table)
        .done(probe::constraint_valid(table, name))
        .abort_if("It fails: a row was not filled; run the backfills again.");
        validate.undo =
            Undo::Nothing { because: "A proof takes nothing away; the step before is undone instead.".to_owned() };
        b.push(validate);
        Ok(())
    }

    fn link_body(&self, b: &Builder, link: &Link) -> Result<(String, crate::model::TableName), Refusal> {
        let unread = || {
            Refusal::new(
                format!("foreign key `{}` of `{}` could not be read", link.constraint.name, link.table.name),
                "Drop it first, and add it again after this change.",
            )
        };
        let parsed = parse_constraint(&link.constraint.definition).ok_or_else(unread)?;
        let (ConstraintBody::ForeignKey { actions, .. }, Some(reference)) = (&parsed.body, &link.constraint.references)
        else {
            return Err(unread());
        };
        let pairs = self.pairs(&link.table.name);
        let columns = moved(&pairs, &link.constraint.columns);
        let referenced = moved(&self.pairs(&reference.table), &reference.columns);
        let tail = moved_text(b, &format!("{actions} {}", parsed.trailer), &pairs);
        let body = format!(
            "FOREIGN KEY ({}) REFERENCES {} ({}) {}",
            b.ids(&columns),
            b.name(&reference.table),
            b.ids(&referenced),
            tail.trim()
        );
        Ok((body.trim_end().to_owned(), reference.table.clone()))
    }
}

impl Part<'_> {
    /// CHECKs over moving columns; they go at the cut-over, since the old columns may then hold other values.
    pub(super) fn checks(&self) -> impl Iterator<Item = &crate::model::Constraint> {
        self.table.constraints.iter().filter(|c| {
            c.kind == ConstraintKind::Check && self.moving.iter().any(|m| c.columns.contains(&m.column.name))
        })
    }

    /// `USING btree (…) …` of the primary key's index.
    fn key_body(&self, b: &Builder, pairs: &[(Ident, Ident)]) -> Option<String> {
        let key = self.key.as_ref()?;
        let index = self.table.indexes.iter().find(|i| i.constraint.as_ref() == Some(&key.name))?;
        definition_on(b, self.table, index, pairs).ok()
    }

    fn unread_key(&self) -> Refusal {
        Refusal::new(
            format!("the index of the primary key of `{}` could not be read", self.table.name),
            "Please report it with the table's definition.",
        )
    }

    fn key_index(&self, b: &mut Builder) -> Result<(), Refusal> {
        let Some(key) = &self.key else { return Ok(()) };
        let definition = self.key_body(b, &self.pairs()).ok_or_else(|| self.unread_key())?;
        let why = format!("Becomes the index of `{}` at the cut-over.", key.name);
        build(b, self.table, &NewIndex { name: key.new.clone(), unique: Unique::Yes, definition, why })?;
        Ok(())
    }

    /// `CREATE UNIQUE INDEX CONCURRENTLY spare …`, over the old columns under the names that `pairs` gives them.
    pub(super) fn spare_sql(&self, b: &Builder, pairs: &[(Ident, Ident)]) -> Option<String> {
        let key = self.key.as_ref()?;
        let body = self.key_body(b, pairs)?;
        Some(format!("CREATE UNIQUE INDEX CONCURRENTLY {} ON {} {body}", b.id(&key.spare), b.name(&self.table.name)))
    }

    fn spare(&self, b: &mut Builder) -> Result<(), Refusal> {
        let Some(key) = &self.key else { return Ok(()) };
        let table = &self.table.name;
        let sql = self.spare_sql(b, &[]).ok_or_else(|| self.unread_key())?;
        let full = table.sibling(key.spare.0.clone());
        leftover_check(b, table, &key.spare);
        b.push(
            Draft::alone(
                PhaseName::Migrate,
                Rank::Link,
                format!("Build the spare index `{}` on the old key of `{table}`", key.spare),
                sql,
                b.unlimited(),
            )
            .why("For the way back: the cut-over drops the old primary key with its index, and with this one the old key stands again at once. Reads and writes go on during the build.")
            .on(table)
            .undo(b.undo_alone(
                format!("DROP INDEX CONCURRENTLY IF EXISTS {}", b.name(&full)),
                "Drops the index without blocking writers; nothing to do if the way back from the cut-over has used it.",
            ))
            .done(probe::index_valid(&full))
            .abort_if("It stops with an error: the index is left invalid; drop it with DROP INDEX CONCURRENTLY, then build again."),
        );
        Ok(())
    }
}
