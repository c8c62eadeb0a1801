//! TRUNCATE: brief, but it stops reads, cannot be taken back, and must not be run twice.

use super::form::Spec;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::TableName;
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Reader, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct Truncate {
    tables: Vec<TableName>,
    cascade: bool,
    restart: bool,
}

impl Kind for Truncate {
    const NAME: &'static str = "truncate";
    const TITLE: &'static str = "Empty a table";
    const FORMS: &'static [Spec] = &[("", "TRUNCATE {table:table=rate_limits};")];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let read = |(at, statement): (usize, &Statement)| match statement {
            Statement::Known { op, text, .. } if op == "truncate" => {
                let tables = statement.objects().into_iter().map(|o| o.resolve(wish.catalog)).collect();
                let words = Reader::new(text);
                let change = Self { tables, cascade: words.holds("cascade"), restart: words.holds("restart") };
                Some(Claim::one(at, change))
            }
            _ => None,
        };
        wish.statements().filter_map(read).collect()
    }

    fn title(&self) -> String {
        format!("Empty {}", self.tables.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", "))
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let Some(first) = self.tables.first() else { return Ok("nothing to do: no table is named".to_owned()) };
        if let Some(unknown) = self.tables.iter().find(|t| b.catalog.table(t).is_none()) {
            return Err(created_here(unknown));
        }
        if self.cascade {
            let mut all = self.tables.clone();
            let mut at = 0;
            while let Some(name) = all.get(at).cloned() {
                let more: Vec<TableName> = b.catalog.referenced_by(&name).map(|(t, _)| t.name.clone()).collect();
                all.extend(more.into_iter().filter(|t| !all.contains(t)).collect::<Vec<_>>());
                at += 1;
            }
            let others: Vec<String> = all.iter().skip(self.tables.len()).map(|t| b.name(t)).collect();
            if !others.is_empty() {
                return Err(Refusal::new(
                    format!("TRUNCATE … CASCADE would also empty {}, and whatever references those", others.join(", ")),
                    "Name every table that is to be emptied, and leave CASCADE out.",
                ));
            }
        }
        let list: Vec<String> = self.tables.iter().map(|t| b.name(t)).collect();
        let restart = if self.restart { " RESTART IDENTITY" } else { "" };
        let marker = b.fresh(first, &["sidestep", first.name.as_str(), "truncated"]);
        let marker = first.sibling(marker.0);
        let mut draft = Draft::sql(
            PhaseName::Contract,
            Rank::DropConstraint,
            self.title(),
            vec![
                format!("TRUNCATE {}{restart}", list.join(", ")),
                format!("CREATE TABLE {} ()", b.name(&marker)),
            ],
            b.brief(),
        )
        .why("Brief whatever the size, but reads wait, too, from the moment it asks for its lock. The empty table beside it remembers that it was done: a second run would throw away what was written since.")
        .undo(Undo::PointOfNoReturn { because: "The rows are gone at commit; only a backup brings them back.".to_owned() })
        .done(probe::relation_exists(&marker))
        .abort_if("The lock is not granted within the timeout five times in a row: find the holder first.");
        draft.tables.clone_from(&self.tables);
        for table in &self.tables {
            draft = draft.watch("Who holds a lock on the table", probe::lock_holders(table));
        }
        b.push(draft);
        b.push(
            Draft::sql(
                PhaseName::Contract,
                Rank::DropObject,
                format!(
                    "Forget that {} was emptied",
                    self.tables.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")
                ),
                vec![format!("DROP TABLE {}", b.name(&marker))],
                b.brief(),
            )
            .why("The plan is at its end: the reminder goes.")
            .undo(Undo::PointOfNoReturn { because: "The table was empty.".to_owned() })
            .done(probe::relation_gone(&marker)),
        );
        b.finding(Severity::Danger, format!("From the commit on every release finds {} empty, and so does a transaction whose snapshot is older (TRUNCATE is not MVCC-safe): no release may rely on its rows any more.", list.join(", ")));
        b.finding(
            Severity::Note,
            format!(
                "If reads must not wait at all, write `DELETE FROM {}` instead: it is planned in batches.",
                list.join("`, `DELETE FROM ")
            ),
        );
        let published: Vec<String> = b
            .catalog
            .publications
            .iter()
            .filter(|p| p.all_tables || p.tables.iter().any(|t| self.tables.contains(&t.table)))
            .map(|p| format!("`{}`", p.name))
            .collect();
        if !published.is_empty() {
            let text = if b.since(11) {
                "from 11 on the subscriber empties its table as well, if the publication publishes TRUNCATE"
            } else {
                "PostgreSQL 10 does not replicate TRUNCATE: empty the subscriber's table as well"
            };
            b.finding(Severity::Warning, format!("Published in {}: {text}.", published.join(", ")));
        }
        Ok("one brief step, after an approval: it stops reads for a moment and cannot be taken back".to_owned())
    }
}
