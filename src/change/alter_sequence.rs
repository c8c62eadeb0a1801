//! ALTER SEQUENCE: type, step, limits, cache, owner and position of a counter, with the way back.

use super::form::Spec;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{probe, regclass};
use crate::model::objects::Sequence;
use crate::model::{TableName, name::shown};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{SequenceOption, Statement, canonical_type};

#[derive(Debug, Clone, PartialEq)]
pub struct AlterSequence {
    sequence: TableName,
    options: Vec<SequenceOption>,
    /// The table it numbers.
    tables: Vec<TableName>,
    text: String,
}

impl Kind for AlterSequence {
    const NAME: &'static str = "alter-sequence";
    const TITLE: &'static str = "Change a sequence";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER SEQUENCE {sequence:sequence=billing.invoice_number} {option:AS bigint|CYCLE|NO CYCLE|CACHE 100|INCREMENT BY 2|RESTART=CACHE 100};",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        wish.statements()
            .filter_map(|(at, statement)| {
                let Statement::AlterSequence { name, options } = statement else { return None };
                // Names, owners and storage are no matter of numbers.
                let numbers = |o: &SequenceOption| {
                    !matches!(
                        o,
                        SequenceOption::RenameTo(_)
                            | SequenceOption::SetSchema(_)
                            | SequenceOption::Name(_)
                            | SequenceOption::Other(_)
                    )
                };
                if options.is_empty() || !options.iter().all(numbers) {
                    return None;
                }
                let found = wish.catalog.sequences.iter().find(|s| {
                    s.name.name == name.name
                        && name.schema.as_ref().map_or_else(
                            || wish.catalog.search_path.contains(&s.name.schema),
                            |schema| *schema == s.name.schema,
                        )
                })?;
                let text = wish.atoms.get(at).map(|a| a.text.to_owned()).unwrap_or_default();
                let tables = found.owned_by.iter().map(|o| o.table.clone()).collect();
                Some(Claim::one(at, Self { sequence: found.name.clone(), options: options.clone(), tables, text }))
            })
            .collect()
    }

    fn title(&self) -> String {
        format!("Change the sequence `{}`", self.sequence)
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let catalog = b.catalog;
        let sequence =
            catalog.sequences.iter().find(|s| s.name == self.sequence).ok_or_else(|| created_here(&self.sequence))?;
        let mut back = Vec::new();
        let mut done = Vec::new();
        for option in &self.options {
            self.one(b, sequence, option, &mut back, &mut done)?;
        }
        let undo = if back.is_empty() {
            Undo::Nothing {
                because: "The numbers that it gave since are in use: it goes on from where it stands.".to_owned(),
            }
        } else {
            b.undo_sql(
                vec![format!("ALTER SEQUENCE {} {}", b.name(&self.sequence), back.join(" "))],
                "Inserts that draw from it wait for a moment; it goes on from where it stands.",
            )
        };
        let mut step = Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![self.text.clone()], b.brief())
            .why("Brief, but inserts that draw from the sequence wait until it is committed: nothing else is in its transaction.")
            .undo(undo);
        for table in &self.tables {
            step = step.on(table);
        }
        let done: Vec<String> = done.into_iter().map(|d| format!("({d})")).collect();
        step = step.done(if done.is_empty() {
            "SELECT true".to_owned()
        } else {
            format!("SELECT {}", done.join(" AND "))
        });
        b.push(step);
        Ok("catalog only: as written, with a way back".to_owned())
    }
}

impl AlterSequence {
    fn one(
        &self,
        b: &mut Builder,
        sequence: &Sequence,
        option: &SequenceOption,
        back: &mut Vec<String>,
        done: &mut Vec<String>,
    ) -> Result<(), Refusal> {
        let entry = |condition: &str| {
            format!(
                "EXISTS (SELECT 1 FROM pg_catalog.pg_sequence WHERE seqrelid = {} AND {condition})",
                regclass(&self.sequence)
            )
        };
        let before = |word: &str, none: &str| {
            sequence.options.iter().find(|o| o.starts_with(word)).cloned().unwrap_or_else(|| none.to_owned())
        };
        match option {
            SequenceOption::As(data_type) => {
                let to = canonical_type(data_type);
                done.push(entry(&format!("pg_catalog.format_type(seqtypid, NULL) = {}", b.dialect().literal(&to))));
                back.push(format!("AS {}", sequence.data_type));
                let custom = sequence.options.iter().find(|o| o.starts_with("MAXVALUE"));
                back.extend(custom.cloned());
                self.fits(b, sequence, &to)?;
            }
            SequenceOption::Increment(n) => {
                done.push(entry(&format!("seqincrement = {n}")));
                back.push(before("INCREMENT BY", "INCREMENT BY 1"));
            }
            SequenceOption::Cache(n) => {
                done.push(entry(&format!("seqcache = {n}")));
                back.push(before("CACHE", "CACHE 1"));
            }
            SequenceOption::Cycle(yes) => {
                done.push(entry(if *yes { "seqcycle" } else { "NOT seqcycle" }));
                back.push(before("CYCLE", "NO CYCLE"));
            }
            SequenceOption::Min(n) => {
                done.extend(n.map(|n| entry(&format!("seqmin = {n}"))));
                back.push(before("MINVALUE", "NO MINVALUE"));
            }
            SequenceOption::Max(n) => {
                done.extend(n.map(|n| entry(&format!("seqmax = {n}"))));
                back.push(before("MAXVALUE", "NO MAXVALUE"));
            }
            SequenceOption::Start(n) => {
                done.push(entry(&format!("seqstart = {n}")));
                back.push(before("START WITH", "START WITH 1"));
            }
            SequenceOption::OwnedBy(Some((table, column))) => {
                done.push(
                    probe::sequence_owned_by(&self.sequence, &table.resolve(b.catalog), column)
                        .replacen("SELECT ", "", 1),
                );
                back.push(owner_before(b, sequence));
            }
            SequenceOption::OwnedBy(None) => {
                done.push(format!(
                    "NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend WHERE classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND objid = {} AND refobjsubid > 0 AND deptype = 'a')",
                    regclass(&self.sequence)
                ));
                back.push(owner_before(b, sequence));
            }
            SequenceOption::Restart(to) => self.restarts(b, sequence, *to, done),
            _ => {}
        }
        Ok(())
    }

    fn fits(&self, b: &mut Builder, sequence: &Sequence, to: &str) -> Result<(), Refusal> {
        let end = match to {
            "smallint" => i64::from(i16::MAX),
            "integer" => i64::from(i32::MAX),
            _ => i64::MAX,
        };
        if let Some(last) = sequence.last_value.filter(|last| *last > end) {
            return Err(Refusal::new(
                format!("`{}` stands at {last}, beyond the end of `{}`", self.sequence, shown(to)),
                "Keep the wider type.",
            ));
        }
        let column = sequence
            .owned_by
            .as_ref()
            .and_then(|o| Some((o, b.catalog.table(&o.table)?.column(&o.column)?)))
            .filter(|(_, c)| matches!(c.data_type.as_str(), "smallint" | "integer") && to == "bigint");
        if let Some((owner, column)) = column {
            b.finding(
                Severity::Warning,
                format!(
                    "`{}.{}` is still `{}`: an INSERT fails at the first number beyond it, whatever the sequence can count. Widen the column as well.",
                    owner.table, owner.column, column.data_type
                ),
            );
        }
        Ok(())
    }

    /// A number that is given twice breaks the INSERT, or finds two rows later.
    fn restarts(&self, b: &mut Builder, sequence: &Sequence, to: Option<i64>, done: &mut Vec<String>) {
        let up = !sequence.options.iter().any(|o| o.starts_with("INCREMENT BY -"));
        if let (Some(to), true) = (to, up) {
            if sequence.last_value.is_none_or(|last| last < to) {
                done.push(format!("(SELECT last_value FROM {}) >= {to}", b.name(&self.sequence)));
            }
            if let Some(owner) = &sequence.owned_by {
                let (t, c) = (b.name(&owner.table), b.id(&owner.column));
                b.push(
                    Draft::verify(
                        PhaseName::Prepare,
                        Rank::Check,
                        format!("No row of `{}` has a number from {to} on", owner.table),
                        format!("SELECT NOT EXISTS (SELECT 1 FROM {t} WHERE {c} >= {to})"),
                    )
                    .why("A number that is there already would be given a second time.")
                    .on(&owner.table),
                );
                return;
            }
        }
        b.finding(
            Severity::Danger,
            format!("`{}` starts again: numbers that rows bear already are given a second time, and an INSERT into a unique column fails until they are passed.", self.sequence),
        );
    }
}

fn owner_before(b: &Builder, sequence: &Sequence) -> String {
    match &sequence.owned_by {
        Some(owner) => format!("OWNED BY {}.{}", b.name(&owner.table), b.id(&owner.column)),
        None => "OWNED BY NONE".to_owned(),
    }
}
