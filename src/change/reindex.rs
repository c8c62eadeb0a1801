//! REINDEX beside the traffic: CONCURRENTLY from 12 on, leaf by leaf; before that a second index that takes the first one's place.

use super::form::Spec;
use super::recipe::index::{NewIndex, Unique, swap_in};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{objects, probe};
use crate::model::catalog::ConstraintKind;
use crate::model::{Ident, Index, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{AlterIndexAction, Reader, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct Reindex {
    what: What,
    /// `TABLESPACE name` among the options (14+).
    tablespace: Option<Ident>,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Index {
        table: TableName,
        index: Ident,
    },
    Table(TableName),
    /// `SCHEMA` or `DATABASE`, with its name.
    All {
        word: &'static str,
        name: Ident,
    },
    System,
}

impl Kind for Reindex {
    const NAME: &'static str = "reindex";
    const TITLE: &'static str = "Build indexes anew";
    const FORMS: &'static [Spec] = &[
        ("Build an index anew", "REINDEX INDEX {index:index=reviews_stars_idx};"),
        ("Build all indexes of a table anew", "REINDEX TABLE {table:table=reviews};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let read = |(at, statement): (usize, &Statement)| {
            if let Statement::AlterIndex { name, action: AlterIndexAction::Other { op }, .. } = statement {
                let (table, index) = wish.catalog.index_owner(name.schema.as_ref(), &name.name)?;
                let mut words = Reader::new(wish.atoms.get(at)?.text);
                words.up_to(&["set tablespace"]);
                let to = (op == "set-tablespace" && words.eat("set tablespace")).then(|| words.ident())??;
                let what = What::Index { table: table.name.clone(), index: index.name.clone() };
                return Some(Claim::one(at, Self { what, tablespace: Some(to) }));
            }
            let Statement::Known { op, target, text, .. } = statement else { return None };
            let what = match (op.trim_end_matches("-concurrently"), target) {
                ("reindex-index", Some(name)) => {
                    let (table, index) = wish.catalog.index_owner(name.schema.as_ref(), &name.name)?;
                    What::Index { table: table.name.clone(), index: index.name.clone() }
                }
                ("reindex-table", Some(name)) => What::Table(name.resolve(wish.catalog)),
                ("reindex-schema", _) => What::All { word: "SCHEMA", name: last(text)? },
                ("reindex-database", _) => What::All { word: "DATABASE", name: last(text)? },
                ("reindex-system", _) => What::System,
                _ => return None,
            };
            Some(Claim::one(at, Self { what, tablespace: tablespace(text) }))
        };
        wish.statements().filter_map(read).collect()
    }

    fn title(&self) -> String {
        match &self.what {
            What::Index { index, .. } if self.tablespace.is_some() => {
                format!("Build index `{index}` anew in {}", self.place())
            }
            What::Index { table, index } => format!("Build index `{index}` of `{table}` anew"),
            What::Table(table) => format!("Build the indexes of `{table}` anew"),
            What::All { word, name } => format!("Build all indexes of {} `{name}` anew", word.to_lowercase()),
            What::System => "Build the indexes of the system catalog anew".to_owned(),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        match &self.what {
            What::Index { table, .. } | What::Table(table) => vec![table.clone()],
            What::All { .. } | What::System => Vec::new(),
        }
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Index { table, index } => {
                let owner = b.catalog.table(table).ok_or_else(|| created_here(table))?;
                let found = owner.index(index).ok_or_else(|| created_here(table))?.clone();
                leftovers(b, owner);
                if let Some(reason) = b.direct(owner) {
                    let full = table.sibling(index.0.clone());
                    self.direct(b, owner, &format!("INDEX {}", b.name(&full)), Some(&full));
                    return Ok(reason);
                }
                self.index(b, owner, &found)
            }
            What::Table(name) => {
                let table = b.catalog.table(name).ok_or_else(|| created_here(name))?;
                let family = leaves(b, table);
                family.iter().for_each(|t| leftovers(b, t));
                if let Some(reason) = b.direct(table).filter(|_| table.kind != TableKind::Partitioned) {
                    self.direct(b, table, &format!("TABLE {}", b.name(name)), None);
                    return Ok(reason);
                }
                for leaf in &family {
                    self.table(b, leaf)?;
                }
                Ok("online: beside the old indexes, which serve until the new ones are ready".to_owned())
            }
            What::All { word, name } => {
                if !b.since(12) {
                    return Err(Refusal::new(
                        format!(
                            "PostgreSQL {} builds no index anew beside the traffic (CONCURRENTLY came with 12)",
                            b.catalog.server.version.major
                        ),
                        "Write a `REINDEX TABLE` for each table: those are planned with a second index each.",
                    ));
                }
                let sql = format!("REINDEX{} {word} CONCURRENTLY {}", self.options(b), b.id(name));
                let draft = concurrent(b, self.title(), sql, &format!("{} {name}", word.to_lowercase()))
                    .abort_if("It stops with an error: what is done stays done; drop the invalid indexes whose names end in `_ccnew`, then run it again.");
                b.push(draft);
                b.finding(Severity::Note, "Indexes of the system catalog are left out by CONCURRENTLY, and so are exclusion constraints; every table is locked weakly in turn.");
                Ok("online: one table after the other, concurrently".to_owned())
            }
            What::System => Err(Refusal::new(
                "the indexes of the system catalog cannot be built anew while the database is in use",
                "Stop the application, then run `REINDEX SYSTEM` by hand.",
            )),
        }
    }
}

impl Reindex {
    fn place(&self) -> String {
        self.tablespace.as_ref().map_or_else(String::new, |t| format!("tablespace `{t}`"))
    }

    /// Whether it was moved can be asked; whether it was built anew cannot.
    fn moved(&self, draft: Draft, index: &TableName) -> Draft {
        match &self.tablespace {
            Some(to) => draft.done(objects::tablespace_is(index, to)),
            None => draft,
        }
    }

    fn options(&self, b: &Builder) -> String {
        self.tablespace.as_ref().map_or_else(String::new, |t| format!(" (TABLESPACE {})", b.id(t)))
    }

    fn direct(&self, b: &mut Builder, table: &Table, what: &str, index: Option<&TableName>) {
        let sql = match (index, &self.tablespace) {
            (Some(index), Some(to)) if !b.since(14) => {
                format!("ALTER INDEX {} SET TABLESPACE {}", b.name(index), b.id(to))
            }
            _ => format!("REINDEX{} {what}", self.options(b)),
        };
        let mut draft = Draft::sql(PhaseName::Migrate, Rank::Index, self.title(), vec![sql], b.brief())
            .why("The table is small and quiet enough to be done in one go: writes wait, and so do queries that plan with the index; the timeouts still hold.")
            .on(&table.name)
            .undo(Undo::Nothing { because: "The new index is the old one without its bloat.".to_owned() });
        if let Some(index) = index {
            draft = self.moved(draft, index);
        }
        b.push(draft);
    }

    fn table(&self, b: &mut Builder, table: &Table) -> Result<(), Refusal> {
        if b.since(12) {
            let sql = format!("REINDEX{} TABLE CONCURRENTLY {}", self.options(b), b.name(&table.name));
            let draft = concurrent(b, format!("Build the indexes of `{}` anew", table.name), sql, &format!("table {}", table.name))
                .on(&table.name)
                .abort_if("It stops with an error: drop the invalid indexes whose names end in `_ccnew` with DROP INDEX CONCURRENTLY, then run it again.");
            b.push(draft);
            exclusions(b, table);
            return Ok(());
        }
        for index in &table.indexes {
            self.index(b, table, index)?;
        }
        Ok(())
    }

    fn index(&self, b: &mut Builder, table: &Table, index: &Index) -> Result<String, Refusal> {
        let parts: Vec<TableName> = match table.kind {
            TableKind::Partitioned => return self.parts(b, table, index),
            _ => vec![table.name.sibling(index.name.0.clone())],
        };
        if b.since(if self.tablespace.is_some() { 14 } else { 12 }) {
            for part in &parts {
                let sql = format!("REINDEX{} INDEX CONCURRENTLY {}", self.options(b), b.name(part));
                let draft = concurrent(b, format!("Build index `{}` anew", part.name), sql, &format!("index {part}"))
                    .on(&table.name)
                    .abort_if(format!("It stops with an error: drop the invalid index `{}_ccnew` with DROP INDEX CONCURRENTLY, then run it again.", part.name));
                let draft = self.moved(draft, part);
                b.push(draft);
            }
            exclusions(b, table);
            return Ok("online: a second index is built beside it and takes its place".to_owned());
        }
        if index.constraint.is_some() {
            return self.constraint(b, table, index);
        }
        let stem = b.fresh(&table.name, &[index.name.as_str(), "new"]);
        let definition = index.definition.split_once(" ON ").and_then(|(_, rest)| rest.split_once(" USING "));
        let Some((_, body)) = definition else {
            return Err(Refusal::new(
                format!("the definition of `{}` could not be read", index.name),
                "Build the new index by hand.",
            ));
        };
        let new = NewIndex {
            name: stem,
            unique: if index.unique { Unique::Yes } else { Unique::No },
            definition: self.body(b, body),
            why: self.why(),
        };
        swap_in(b, table, index, &new)?;
        Ok("online: a second index is built beside it and takes its name".to_owned())
    }

    fn why(&self) -> String {
        match self.tablespace {
            Some(_) => {
                "PostgreSQL before 14 cannot move an index beside the traffic: a second one is built there instead."
                    .to_owned()
            }
            None => {
                "PostgreSQL before 12 cannot REINDEX beside the traffic: a second index is built instead.".to_owned()
            }
        }
    }

    /// From USING on, with the tablespace in its place.
    fn body(&self, b: &Builder, definition: &str) -> String {
        let Some(to) = &self.tablespace else { return format!("USING {definition}") };
        let mut words = Reader::new(definition);
        let head = words.up_to(&["where", "tablespace"]);
        if words.eat("tablespace") {
            words.ident();
        }
        format!("USING {head} TABLESPACE {} {}", b.id(to), words.rest()).trim_end().to_owned()
    }

    /// Only the leaves have something to build.
    fn parts(&self, b: &mut Builder, table: &Table, index: &Index) -> Result<String, Refusal> {
        if !b.since(14) {
            return Err(Refusal::new(
                format!(
                    "PostgreSQL {} has no REINDEX of an index on the partitioned table `{}`",
                    b.catalog.server.version.major, table.name
                ),
                "Name the index of each partition.",
            ));
        }
        let full = table.name.sibling(index.name.0.clone());
        let sql = format!("REINDEX{} INDEX CONCURRENTLY {}", self.options(b), b.name(&full));
        let draft = concurrent(b, self.title(), sql, &format!("index {full}"))
            .on(&table.name)
            .abort_if("It stops with an error: partitions that are done stay done; drop the invalid indexes whose names end in `_ccnew`, then run it again.");
        b.push(draft);
        Ok("online: partition by partition, concurrently".to_owned())
    }

    /// Before 12: a unique index beside the constraint's own, and the constraint is put onto it in one statement.
    fn constraint(&self, b: &mut Builder, table: &Table, index: &Index) -> Result<String, Refusal> {
        let name = index.constraint.clone().unwrap_or_else(|| index.name.clone());
        let constraint = table.constraint(&name);
        let kind = constraint.map(|c| c.kind);
        let by_hand = "Upgrade to PostgreSQL 12 or later, or plan with `--strategy direct` in a quiet hour.";
        let word = match kind {
            Some(ConstraintKind::PrimaryKey) => "PRIMARY KEY",
            Some(ConstraintKind::Unique) => "UNIQUE",
            _ => {
                return Err(Refusal::new(
                    format!(
                        "`{}` belongs to an exclusion constraint, which can only be built under a lock",
                        index.name
                    ),
                    by_hand,
                ));
            }
        };
        let pointing: Vec<String> =
            b.catalog.referenced_by(&table.name).map(|(t, c)| format!("`{}` of `{}`", c.name, t.name)).collect();
        if !pointing.is_empty() {
            return Err(Refusal::new(
                format!(
                    "the foreign keys {} lean on `{}`, so PostgreSQL {} cannot exchange its index",
                    pointing.join(", "),
                    index.name,
                    b.catalog.server.version.major
                ),
                by_hand,
            ));
        }
        let Some((_, body)) = index.definition.split_once(" USING ") else {
            return Err(Refusal::new(format!("the definition of `{}` could not be read", index.name), by_hand));
        };
        let new = NewIndex {
            name: b.fresh(&table.name, &[index.name.as_str(), "new"]),
            unique: Unique::Yes,
            definition: self.body(b, body),
            why: self.why(),
        };
        super::recipe::index::build(b, table, &new)?;
        let (t, c, n) = (b.name(&table.name), b.id(&name), b.id(&new.name));
        let late = constraint
            .and_then(|c| c.definition.find(" DEFERRABLE").and_then(|at| c.definition.get(at..)))
            .unwrap_or("");
        let done = probe::relation_gone(&table.name.sibling(new.name.0.clone()));
        b.push(
            Draft::sql(
                PhaseName::Migrate,
                Rank::Swap,
                format!("Put constraint `{name}` of `{}` onto the new index", table.name),
                vec![format!("ALTER TABLE {t} DROP CONSTRAINT {c}, ADD CONSTRAINT {c} {word} USING INDEX {n}{late}")],
                b.brief(),
            )
            .why("One statement: the rule holds without a gap. The new index takes the constraint's name, the old one goes. Catalog only.")
            .on(&table.name)
            .undo(Undo::Nothing { because: "The new index is the old one without its bloat.".to_owned() })
            .done(done)
            .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
        );
        Ok("online: a second index is built beside it and takes the constraint over".to_owned())
    }
}

fn concurrent(b: &Builder, title: String, sql: String, what: &str) -> Draft {
    let draft = Draft::alone(PhaseName::Migrate, Rank::Index, title, sql, b.unlimited())
        .why(format!("Reads and writes of {what} go on. It waits for every transaction that is older, several times; no timeouts: one would leave an invalid index behind. Running it again builds once more and does no harm."))
        .undo(Undo::Nothing { because: "The new index is the old one without its bloat.".to_owned() })
        .watch("Old transactions it waits for", "SELECT pid, state, now() - xact_start AS open_for, left(query, 80) AS query FROM pg_catalog.pg_stat_activity WHERE backend_xmin IS NOT NULL ORDER BY xact_start".to_owned());
    if b.since(12) { draft.watch("Progress", probe::index_progress()) } else { draft }
}

/// Ordinary tables below, or the table itself.
fn leaves(b: &Builder, table: &Table) -> Vec<Table> {
    if table.kind != TableKind::Partitioned {
        return vec![table.clone()];
    }
    b.catalog.partitions_of(&table.name).flat_map(|p| leaves(b, p)).collect()
}

/// What a REINDEX CONCURRENTLY that was cancelled left: `x_ccnew` is unfinished, `x_ccold` is the old one.
fn leftovers(b: &mut Builder, table: &Table) {
    let left = |i: &&Index| !i.valid && (i.name.as_str().contains("_ccnew") || i.name.as_str().contains("_ccold"));
    for index in table.indexes.iter().filter(left) {
        let full = table.name.sibling(index.name.0.clone());
        let draft = Draft::alone(
            PhaseName::Prepare,
            Rank::Check,
            format!("Drop the left-over index `{}`", index.name),
            format!("DROP INDEX CONCURRENTLY {}", b.name(&full)),
            b.unlimited(),
        )
        .why("A REINDEX CONCURRENTLY was cancelled; what it left costs writes and serves no query.")
        .on(&table.name)
        .undo(Undo::Nothing { because: "An invalid index serves nobody.".to_owned() })
        .done(probe::relation_gone(&full));
        b.push(draft);
    }
}

fn exclusions(b: &mut Builder, table: &Table) {
    let skipped: Vec<String> = table
        .constraints
        .iter()
        .filter(|c| c.kind == ConstraintKind::Exclusion)
        .map(|c| format!("`{}`", c.name))
        .collect();
    if !skipped.is_empty() {
        b.finding(
            Severity::Warning,
            format!("CONCURRENTLY leaves the exclusion constraints of `{}` as they are: {}. Their index is built anew by a plain REINDEX only, under a lock.", table.name, skipped.join(", ")),
        );
    }
}

/// The name behind the last word.
fn last(text: &str) -> Option<Ident> {
    let mut words = Reader::new(text);
    words.up_to(&["schema", "database"]);
    words.skip();
    words.eat("concurrently");
    words.ident()
}

fn tablespace(text: &str) -> Option<Ident> {
    let mut words = Reader::new(text);
    words.eat("reindex");
    let options = words.parens()?;
    crate::sql::pieces(options).into_iter().find_map(|piece| {
        let mut option = Reader::new(piece);
        option.eat("tablespace").then_some(())?;
        option.ident()
    })
}
