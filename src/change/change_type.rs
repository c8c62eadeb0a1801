//! ALTER COLUMN TYPE: free where the server only changes the catalog, otherwise by a second column and a swap of names.

use super::recipe::constraint::Rows;
use super::recipe::dependents::Dependents;
use super::recipe::properties::{self, Same};
use super::recipe::swap::Swap;
use super::recipe::table::{user_triggers, walkable};
use super::recipe::{carry, not_null};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here, direct_step, drop_column};
use crate::engine::emit::probe;
use crate::engine::{freed, judge};
use crate::model::{Column, ConstraintKind, Ident, Table, TableName, Work};
use crate::plan::build::{Builder, Fill, Guarded};
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity, Sync};
use crate::sql::{self, Alter, AlterAction, Expression, ObjectName, Statement, canonical_type};

#[derive(Debug, Clone, PartialEq)]
pub struct ChangeType {
    table: TableName,
    column: Ident,
    data_type: String,
    collation: Option<String>,
    using: Option<Expression>,
    text: String,
}

impl Kind for ChangeType {
    const NAME: &'static str = "change-type";
    const TITLE: &'static str = "Change a column's type";

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::SetType { column, data_type, collation, using } if wish.column_exists(table, column) => {
                    let change = Self {
                        table: table.clone(),
                        column: column.clone(),
                        data_type: data_type.clone(),
                        collation: collation.clone(),
                        using: using.clone(),
                        text: wish.atoms.get(at).map(|a| a.text.to_owned()).unwrap_or_default(),
                    };
                    Some(Claim::one(at, change))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Change `{}.{}` to `{}`", self.table, self.column, crate::model::name::shown(&self.data_type))
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let column = table.column(&self.column).ok_or_else(|| created_here(&self.table))?;
        let dependents = Dependents::of(b, table, &self.column)?;
        // What can be taken off and put on again does not stand in the way.
        let free = freed(b.catalog, &self.table, &self.column);
        let verdict = judge(&self.statement(), &free, b.session);
        if let Some(fails) = &verdict.fails {
            return Err(Refusal::new(
                format!("the server would refuse the change: {fails}"),
                "Free the column first (drop or replace what depends on it), then plan this change.",
            ));
        }
        if let Some(reason) = b.direct(table) {
            self.in_one_go(b, column, &dependents);
            return Ok(reason);
        }
        match verdict.work {
            Work::None | Work::Catalog => {
                self.in_one_go(b, column, &dependents);
                Ok(format!("catalog only: {}", verdict.because))
            }
            Work::Scan if self.using.is_none() && self.checks(table).next().is_some() => {
                self.around_checks(b, table, column, &dependents);
                Ok("online: the CHECK is validated apart, so that no lock is held during its scan".to_owned())
            }
            _ => {
                self.by_second_column(b, table, &dependents)?;
                Ok(format!("online, by a second column: {}", verdict.because))
            }
        }
    }
}

impl ChangeType {
    fn statement(&self) -> Statement {
        let action = Alter::SetType {
            column: self.column.clone(),
            data_type: self.data_type.clone(),
            collation: self.collation.clone(),
            using: self.using.clone(),
        };
        Statement::AlterTable {
            table: ObjectName { schema: Some(self.table.schema.clone()), name: self.table.name.clone() },
            only: false,
            if_exists: false,
            actions: vec![AlterAction { span: 0..0, text: self.text.clone(), action }],
        }
    }

    fn checks<'t>(&'t self, table: &'t Table) -> impl Iterator<Item = &'t crate::model::Constraint> {
        table.constraints.iter().filter(|c| c.kind == ConstraintKind::Check && c.columns.contains(&self.column))
    }

    fn back_to(&self, b: &Builder, column: &Column) -> String {
        let before = carry::type_of(column);
        format!("ALTER TABLE {} ALTER COLUMN {} TYPE {before}", b.name(&self.table), b.id(&self.column))
    }

    fn done(&self) -> String {
        let data_type = canonical_type(&self.data_type);
        probe::column_type_is(&self.table, &self.column, &data_type, self.collation.as_deref())
    }

    fn in_one_go(&self, b: &mut Builder, column: &Column, dependents: &Dependents) {
        let around = |change: String| [dependents.off(b), vec![change], dependents.on(b)].concat();
        let sql = around(format!("ALTER TABLE {} {}", b.name(&self.table), self.text));
        let undo = around(self.back_to(b, column));
        dependents.notes(b);
        let title = self.title();
        direct_step(b, PhaseName::Migrate, Rank::Other, &title, &self.table, sql, undo, self.done());
        b.finding(
            Severity::Warning,
            format!(
                "Sessions with a cached plan over `{}` fail once with `cached plan must not change result type`.",
                self.table
            ),
        );
    }

    /// One transaction takes the CHECK away, changes the type and puts the CHECK back NOT VALID: it is never out of force.
    fn around_checks(&self, b: &mut Builder, table: &Table, column: &Column, dependents: &Dependents) {
        let t = b.name(&self.table);
        let mut sql = dependents.off(b);
        let mut again = Vec::new();
        let mut names = Vec::new();
        for check in self.checks(table) {
            let n = b.id(&check.name);
            let bare = check.definition.trim_end_matches(" NOT VALID");
            sql.push(format!("ALTER TABLE {t} DROP CONSTRAINT {n}"));
            again.push(format!("ALTER TABLE {t} ADD CONSTRAINT {n} {bare} NOT VALID"));
            names.push(check.name.clone());
        }
        let mut undo = sql.clone();
        undo.push(self.back_to(b, column));
        undo.extend(again.iter().cloned());
        undo.extend(dependents.on(b));
        sql.push(format!("ALTER TABLE {t} {}", self.text));
        sql.extend(again);
        sql.extend(dependents.on(b));
        dependents.notes(b);
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), sql, b.brief())
                .why("With the CHECK in place the server would read the whole table under the strong lock. Here new rows are checked without a gap.")
                .on(&self.table)
                .undo(b.undo_sql(undo, "May read the table under the strong lock if the old type is narrower."))
                .done(self.done())
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
        for name in names {
            let mut validate = Draft::sql(
                PhaseName::Settle,
                Rank::Validate,
                format!("Validate `{name}` of `{}` again", self.table),
                vec![format!("ALTER TABLE {t} VALIDATE CONSTRAINT {}", b.id(&name))],
                b.validating(),
            )
            .why("Reads the rows under a lock that lets reads and writes pass.")
            .on(&self.table)
            .done(probe::constraint_valid(&self.table, &name));
            validate.undo = crate::plan::Undo::Nothing { because: "A proof takes nothing away.".to_owned() };
            b.push(validate);
        }
    }

    fn by_second_column(&self, b: &mut Builder, table: &Table, dependents: &Dependents) -> Result<(), Refusal> {
        walkable(b, table)?;
        drop_column::key_parts(b, table, &self.column)?;
        let column = table.column(&self.column).ok_or_else(|| created_here(&self.table))?;
        if column.identity.is_some() || column.generated.is_some() {
            return Err(Refusal::new(
                format!(
                    "`{}.{}` is an identity or generated column; changing its type online is not planned yet",
                    self.table, self.column
                ),
                "Change it in a maintenance window with `--strategy direct`.",
            ));
        }
        if b.policy.sync == Sync::App {
            b.finding(
                Severity::Note,
                "A type change swaps names in the end, which an application that writes both columns could not follow: a trigger keeps them in step, whatever `--sync` says.",
            );
        }
        let (c, new_type) = (b.id(&self.column), self.new_type());
        let forward = match &self.using {
            Some(using) => using.clone(),
            None => sql::expression(&format!("{c}::{}", self.data_type)),
        };
        let name = b.fresh(&self.table, &[self.column.as_str(), "new"]);
        let old = b.fresh(&self.table, &[self.column.as_str(), "old"]);
        let n = b.id(&name);
        b.add_column(
            &self.table,
            &name,
            &format!("{n} {new_type}"),
            "Nullable and without a default, so no row is touched.",
        );
        let swap = Swap { table, column, new: name.clone(), old, forward: forward.clone() };
        let follows = swap.follow(b)?;
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, &self.table)
                .say(format!("Bear `{}` of `{}` as `{}` and as `{}`: reading, binding parameters, decoding.", self.column, self.table, column.data_type, self.data_type))
                .orm("prepared statements", "A cached plan fails once with `cached plan must not change result type` at the swap: retry once, or recycle connections"),
        );
        b.fill(
            &self.table,
            Fill {
                assignments: vec![(name.clone(), forward.sql.clone())],
                needed: format!("{n} IS DISTINCT FROM ({})", forward.sql),
                why: format!("Converts `{}` in the rows that were there before.", self.column),
                guarded: Guarded::No,
            },
        );
        user_triggers(b, table);
        properties::give(b, table, column, &name, Same::NotType);
        let twins = carry::carry(b, table, &self.column, &name, Rows::New)?;
        if column.not_null {
            not_null::not_null(b, &self.table, &name, not_null::Writers::Safe);
        }
        swap.agree(b);
        let swapped = swap.swap(b, follows, &twins, dependents);
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(swapped),
            because: format!("expects `{}.{}` as `{}`", self.table, self.column, column.data_type),
        });
        swap.retire(b, swapped, &twins);
        Ok(())
    }

    fn new_type(&self) -> String {
        match &self.collation {
            Some(collation) => format!("{} COLLATE {collation}", self.data_type),
            None => self.data_type.clone(),
        }
    }
}
