//! ALTER CONSTRAINT: when a constraint is checked, and whether it is checked at all.

use super::form::Spec;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{probe, regclass};
use crate::model::{Constraint, ConstraintKind, Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, TransactionMode, Undo};
use crate::sql::Alter;
use crate::sql::details;

#[derive(Debug, Clone, PartialEq)]
pub struct AlterConstraint {
    table: TableName,
    name: Ident,
    /// Upper case: `DEFERRABLE INITIALLY DEFERRED`, `ENFORCED`.
    said: String,
}

impl Kind for AlterConstraint {
    const NAME: &'static str = "alter-constraint";
    const TITLE: &'static str = "Change when a constraint is checked";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=orders} ALTER CONSTRAINT {constraint:constraint=orders_user_id_fkey} {checked:DEFERRABLE INITIALLY DEFERRED|DEFERRABLE|NOT DEFERRABLE=DEFERRABLE};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.alters()
            .filter_map(|(at, table, action)| match action {
                Alter::Other { op, .. } if op == "alter-constraint" && wish.table(table).is_some() => {
                    let (name, said) = details::altered_constraint(wish.atoms.get(at)?.text)?;
                    Some(Claim::one(at, Self { table: table.clone(), name, said }))
                }
                _ => None,
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Make `{}` of `{}` {}", self.name, self.table, self.said.to_lowercase())
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let Some(constraint) = table.constraint(&self.name) else {
            return Err(Refusal::new(
                format!("`{}` has no constraint `{}` (42704)", self.table, self.name),
                "Look at the table with `\\d` and correct the script.",
            ));
        };
        if constraint.kind != ConstraintKind::ForeignKey {
            return Err(Refusal::new(
                format!("`{}` is no foreign key: the server changes nothing else in this way (42809)", self.name),
                "Drop the constraint and add it as it shall be, in one script: that is planned.",
            ));
        }
        match self.said.as_str() {
            "ENFORCED" if constraint.enforced => Ok("nothing to do: the constraint is enforced".to_owned()),
            "ENFORCED" => {
                self.enforce(b, constraint);
                Ok("online: added anew unproved and proved under a weak lock, since ENFORCED itself reads every row under ACCESS EXCLUSIVE".to_owned())
            }
            "NOT ENFORCED" => {
                let (sql, back) = (self.alter(b, "NOT ENFORCED"), self.again(b, constraint, true));
                let undo = Undo::Sql {
                    sql: back,
                    transaction: TransactionMode::None,
                    timeouts: b.validating(),
                    because: "Comes back for new rows, then the others are proved, which fails if rows written in between break it.".to_owned(),
                };
                let done = self.asks(b, "NOT conenforced");
                self.step(
                    b,
                    vec![sql],
                    undo,
                    done,
                    "Catalog only: its triggers go. Nothing keeps rows without a partner out any more.",
                );
                Ok("catalog only".to_owned())
            }
            said => {
                let deferred = said.contains("DEFERRED");
                let deferrable = deferred || (said.contains("DEFERRABLE") && !said.contains("NOT DEFERRABLE"));
                let was = constraint.definition.to_uppercase();
                let before = match (was.contains(" INITIALLY DEFERRED"), constraint.deferrable) {
                    (true, _) => "DEFERRABLE INITIALLY DEFERRED",
                    (false, true) => "DEFERRABLE INITIALLY IMMEDIATE",
                    (false, false) => "NOT DEFERRABLE",
                };
                let undo = b.undo_sql(vec![self.alter(b, before)], "Catalog only; brief lock.");
                let condition = format!(
                    "{}condeferrable AND {}condeferred",
                    if deferrable { "" } else { "NOT " },
                    if deferred { "" } else { "NOT " }
                );
                let done = self.asks(b, &condition);
                let sql = self.alter(b, said);
                self.step(
                    b,
                    vec![sql],
                    undo,
                    done,
                    "Catalog only. Sessions that defer it find a violation at COMMIT instead of at the statement.",
                );
                Ok("catalog only".to_owned())
            }
        }
    }
}

impl AlterConstraint {
    fn alter(&self, b: &Builder, said: &str) -> String {
        format!("ALTER TABLE {} ALTER CONSTRAINT {} {said}", b.name(&self.table), b.id(&self.name))
    }

    fn asks(&self, b: &Builder, condition: &str) -> String {
        format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = {} AND conname = {} AND {condition})",
            regclass(&self.table),
            b.dialect().literal(self.name.as_str())
        )
    }

    fn step(&self, b: &mut Builder, sql: Vec<String>, undo: Undo, done: String, why: &str) {
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), sql, b.brief())
                .why(why)
                .on(&self.table)
                .undo(undo)
                .done(done)
                .watch("Who holds a lock on the table", probe::lock_holders(&self.table)),
        );
    }

    /// Drops the constraint and adds it unproved, in one short transaction; with `prove` also the proof.
    fn again(&self, b: &Builder, constraint: &Constraint, prove: bool) -> Vec<String> {
        let (t, n) = (b.name(&self.table), b.id(&self.name));
        let bare = constraint.definition.trim_end_matches(" NOT VALID").trim_end_matches(" NOT ENFORCED");
        let one = format!("ALTER TABLE {t} DROP CONSTRAINT {n}, ADD CONSTRAINT {n} {bare} NOT VALID");
        let mut sql = vec![one];
        if prove {
            sql.push(format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}"));
        }
        sql
    }

    fn enforce(&self, b: &mut Builder, constraint: &Constraint) {
        let (sql, undo) = (
            self.again(b, constraint, false),
            b.undo_sql(vec![self.alter(b, "NOT ENFORCED")], "Catalog only; brief lock."),
        );
        let done = self.asks(b, "conenforced");
        self.step(b, sql, undo, done, "ALTER CONSTRAINT … ENFORCED reads every row while the table takes neither reads nor writes. Dropped and added in one statement, NOT VALID, it is in force for new rows at once.");
        let (t, n) = (b.name(&self.table), b.id(&self.name));
        let mut draft = Draft::sql(
            PhaseName::Settle,
            Rank::Validate,
            format!("Validate `{}` of `{}`", self.name, self.table),
            vec![format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}")],
            b.validating(),
        )
        .why("Reads the existing rows under a lock that lets reads and writes pass.")
        .on(&self.table)
        .done(probe::constraint_valid(&self.table, &self.name))
        .abort_if("It fails: a row has no partner; mend the rows, run it again.");
        draft.undo =
            Undo::Nothing { because: "A proof takes nothing away; the step before is undone instead.".to_owned() };
        b.push(draft);
    }
}
