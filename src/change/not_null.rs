//! SET NOT NULL and DROP NOT NULL.

use super::form::Spec;
use super::recipe::not_null::{Writers, no_nulls, not_null};
use super::recipe::table::walkable;
use super::said::{last_word, of_nulls};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, direct_step};
use crate::engine::emit::probe;
use crate::engine::judge;
use crate::model::{ConstraintKind, Ident, Table, TableName, Work};
use crate::plan::PhaseName;
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Need, Placement, Slot};
use crate::sql::{Alter, AlterAction, Expression, ObjectName, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct SetNotNull {
    pub table: TableName,
    pub column: Ident,
    /// From `UPDATE t SET c = fill WHERE c IS NULL` before it.
    pub fill: Option<Expression>,
}

impl Kind for SetNotNull {
    const NAME: &'static str = "set-not-null";
    const TITLE: &'static str = "Make a column NOT NULL";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=name} SET NOT NULL;")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| {
                let Alter::SetNotNull { column } = action else { return None };
                let mut atoms = last_word(wish, at, table, column, of_nulls)?;
                let update = wish.statements().find_map(|(i, s)| match s {
                    Statement::Update(u) if i < at && u.table.resolve(wish.catalog) == *table && u.from.is_none() => {
                        match u.assignments.as_slice() {
                            [one]
                                if one.column == *column
                                    && !one.value.has_subquery
                                    && fills_nulls(u.filter.as_ref(), column) =>
                            {
                                Some((i, one.value.clone()))
                            }
                            _ => None,
                        }
                    }
                    _ => None,
                });
                let (first, fill) = update.unzip();
                atoms.extend(first);
                atoms.sort_unstable();
                Some(Claim { atoms, change: Self { table: table.clone(), column: column.clone(), fill } })
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Make `{}.{}` NOT NULL", self.table, self.column)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        // From 18 on the column is NOT NULL as soon as the constraint stands, proved or not.
        let unproved = table
            .constraints
            .iter()
            .find(|k| k.kind == ConstraintKind::NotNull && !k.valid && k.columns.as_slice() == [self.column.clone()]);
        if table.column(&self.column).is_some_and(|c| c.not_null) && unproved.is_none() {
            return Ok("nothing to do: the column is NOT NULL already".to_owned());
        }
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        if let Some(unproved) = unproved {
            no_nulls(b, &self.table, &self.column);
            prove(b, &self.table, &unproved.name);
            return Ok(
                "online: NOT NULL stands for new rows already; the others are proved under a weak lock".to_owned()
            );
        }
        self.ask(b, table)?;
        if let Some(reason) = b.direct(table) {
            direct_step(
                b,
                PhaseName::Migrate,
                Rank::Attach,
                &format!("Set NOT NULL on `{}.{}`", self.table, self.column),
                &self.table,
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")],
                probe::column_not_null(&self.table, &self.column),
            );
            return Ok(reason);
        }
        if let Some(because) = self.proved(b) {
            let key = direct_step(
                b,
                PhaseName::Migrate,
                Rank::Attach,
                &format!("Set NOT NULL on `{}.{}`", self.table, self.column),
                &self.table,
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")],
                probe::column_not_null(&self.table, &self.column),
            );
            b.because(key, "A valid CHECK of the table proves it, so no row is read. The CHECK stays: the script does not drop it.");
            return Ok(format!("catalog only: {because}"));
        }
        not_null(b, &self.table, &self.column, Writers::Before(Slot::Tolerate));
        Ok("online: proved by a CHECK first, so that no lock is held during the scan".to_owned())
    }
}

impl SetNotNull {
    /// No release writes NULL any more, and no row holds it: what has to be before NULL is refused.
    pub fn ask(&self, b: &mut Builder, table: &Table) -> Result<(), Refusal> {
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, &self.table)
                .say(format!(
                    "Send a value other than NULL for `{}` in every INSERT and UPDATE of `{}`.",
                    self.column, self.table
                ))
                .shape(format!("INSERT INTO {t} ({c}, …) VALUES (<not null>, …)")),
        );
        if let Some(value) = &self.fill {
            return fill_nulls(b, table, &self.column, value);
        }
        no_nulls(b, &self.table, &self.column);
        Ok(())
    }

    /// Why the server reads no row, if it does not.
    fn proved(&self, b: &Builder) -> Option<String> {
        let action = Alter::SetNotNull { column: self.column.clone() };
        let statement = Statement::AlterTable {
            table: ObjectName { schema: Some(self.table.schema.clone()), name: self.table.name.clone() },
            only: false,
            if_exists: false,
            actions: vec![AlterAction { span: 0..0, text: String::new(), action }],
        };
        let verdict = judge(&statement, b.catalog, b.session);
        matches!(verdict.work, Work::None | Work::Catalog).then_some(verdict.because)
    }
}

/// VALIDATE of a constraint that stands unproved.
fn prove(b: &mut Builder, table: &TableName, name: &Ident) {
    let sql = format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", b.name(table), b.id(name));
    let mut draft = Draft::sql(
        PhaseName::Migrate,
        Rank::Validate,
        format!("Validate `{name}` of `{table}`"),
        vec![sql],
        b.validating(),
    )
    .why("Reads the whole table under a lock that lets reads and writes pass.")
    .on(table)
    .done(probe::constraint_valid(table, name));
    draft.undo = crate::plan::Undo::Nothing { because: "A proof takes nothing away.".to_owned() };
    b.push(draft);
}

/// No filter, or one that speaks of the column being NULL.
pub fn fills_nulls(filter: Option<&Expression>, column: &Ident) -> bool {
    filter.is_none_or(|f| tests_null(f, column))
}

/// `column IS NULL` and nothing else.
pub fn tests_null(filter: &Expression, column: &Ident) -> bool {
    filter.columns == [column.clone()] && filter.sql.to_uppercase().ends_with("IS NULL")
}

/// Fills NULLs of an existing column in batches.
pub fn fill_nulls(b: &mut Builder, table: &Table, column: &Ident, value: &Expression) -> Result<(), Refusal> {
    walkable(b, table)?;
    let c = b.id(column);
    let needed = if value.columns.is_empty() {
        format!("{c} IS NULL")
    } else {
        format!("{c} IS NULL AND ({}) IS NOT NULL", value.sql)
    };
    b.fill(
        &table.name,
        Fill {
            assignments: vec![(column.clone(), value.sql.clone())],
            needed,
            why: format!("Gives `{column}` a value where it is NULL, as the script says."),
            guarded: Guarded::Yes,
        },
    );
    no_nulls_after(b, table, column);
    super::recipe::table::user_triggers(b, table);
    Ok(())
}

fn no_nulls_after(b: &mut Builder, table: &Table, column: &Ident) {
    let (t, c) = (b.name(&table.name), b.id(column));
    b.push(
        Draft::verify(
            PhaseName::Migrate,
            Rank::Index,
            format!("`{}.{column}` holds no NULL any more", table.name),
            format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {c} IS NULL)"),
        )
        .why("A row that is still NULL could not be updated at all once the constraint stands.")
        .on(&table.name),
    );
}

#[derive(Debug, Clone, PartialEq)]
pub struct DropNotNull {
    pub table: TableName,
    pub column: Ident,
}

impl Kind for DropNotNull {
    const NAME: &'static str = "drop-not-null";
    const TITLE: &'static str = "Let a column be NULL";
    const FORMS: &'static [Spec] =
        &[("", "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=email} DROP NOT NULL;")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::DropNotNull { column } => {
                    let atoms = last_word(wish, at, table, column, of_nulls)?;
                    Some(Claim { atoms, change: Self { table: table.clone(), column: column.clone() } })
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Let `{}.{}` be NULL", self.table, self.column)
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        if table.column(&self.column).is_some_and(|c| !c.not_null) {
            return Ok("nothing to do: the column may be NULL already".to_owned());
        }
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        b.push(
            Draft::sql(
                PhaseName::Expand,
                Rank::Relax,
                format!("Drop NOT NULL of `{}.{}`", self.table, self.column),
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP NOT NULL")],
                b.brief(),
            )
            .why("Catalog only. Nothing writes NULL before the release that follows.")
            .on(&self.table)
            .undo(b.undo_sql(
                vec![format!("ALTER TABLE {t} ALTER COLUMN {c} SET NOT NULL")],
                "Reads the whole table under ACCESS EXCLUSIVE, and fails once a NULL was written.",
            ))
            .done(probe::column_nullable(&self.table, &self.column))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        b.need(
            Need::new(Slot::Tolerate, Placement::Earliest, &self.table)
                .say(format!("Every reader of `{}` must bear NULL before the first writer sends it.", self.column)),
        );
        Ok("catalog only".to_owned())
    }
}
