//! Publications and replica identity: what is published must be able to say which row it means, and the subscriber goes first
//! where something comes, last where something goes.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{objects, probe};
use crate::model::objects::{Publication, PublishedTable};
use crate::model::{Ident, Table, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{Act, PhaseName, Severity, Undo};
use crate::sql::{Alter, Reader, Statement, pieces};

#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    tables: Vec<TableName>,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Create {
        name: Ident,
        sql: String,
        all: bool,
        identified: Vec<TableName>,
    },
    Add {
        name: Ident,
        sql: String,
        identified: Vec<TableName>,
    },
    Remove {
        name: Ident,
        sql: String,
    },
    /// Anything else about the publication: its options, owner, name, the whole list.
    Other {
        name: Ident,
        sql: String,
    },
    Drop {
        name: Ident,
        sql: String,
    },
    Identity {
        how: How,
    },
}

#[derive(Debug, Clone, PartialEq)]
enum How {
    Default,
    Full,
    Nothing,
    Index(Ident),
}

impl Kind for Replication {
    const NAME: &'static str = "replication";
    const TITLE: &'static str = "Change publications and replica identity";
    const FORMS: &'static [Spec] = &[
        (
            "Add a table to a publication",
            "ALTER PUBLICATION {publication:publication=warehouse_feed} ADD TABLE {table:table=reviews};",
        ),
        (
            "Take a table out of a publication",
            "ALTER PUBLICATION {publication:publication=warehouse_feed} DROP TABLE {table:table=order_items};",
        ),
        (
            "Change what identifies a row for replication",
            "ALTER TABLE {table:table=orders} REPLICA IDENTITY {how:FULL|DEFAULT|NOTHING=FULL};",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        let identified: Vec<TableName> = wish
            .alters()
            .filter(|(_, _, a)| matches!(a, Alter::Other { op, .. } if op == "replica-identity"))
            .map(|(_, t, _)| t.clone())
            .collect();
        for (at, atom) in wish.atoms.iter().enumerate() {
            let found = match &atom.part {
                Part::Alter { table, action: Alter::Other { op, .. } } if op == "replica-identity" => {
                    identity(atom.text).map(|how| (vec![table.clone()], What::Identity { how }))
                }
                Part::Whole(statement @ Statement::Known { op, .. }) => {
                    let tables = statement.objects().into_iter().map(|o| o.resolve(wish.catalog)).collect();
                    publication(op, atom.text, &identified).map(|what| (tables, what))
                }
                _ => None,
            };
            claims.extend(found.map(|(tables, what)| Claim::one(at, Self { tables, what })));
        }
        claims
    }

    fn title(&self) -> String {
        match &self.what {
            What::Create { name, .. } => format!("Create publication `{name}`"),
            What::Add { name, .. } => format!("Publish {} in `{name}`", shown(&self.tables)),
            What::Remove { name, .. } => format!("No longer publish {} in `{name}`", shown(&self.tables)),
            What::Other { name, .. } => format!("Change publication `{name}`"),
            What::Drop { name, .. } => format!("Drop publication `{name}`"),
            What::Identity { how } => {
                let how = match how {
                    How::Default => "its primary key".to_owned(),
                    How::Full => "the whole row".to_owned(),
                    How::Nothing => "nothing".to_owned(),
                    How::Index(index) => format!("index `{index}`"),
                };
                format!("Identify rows of {} to replicas by {how}", shown(&self.tables))
            }
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Create { name, sql, all, identified } => {
                self.identifiable(b, sql, identified)?;
                if *all {
                    b.finding(Severity::Warning, "FOR ALL TABLES publishes every table, those of later migrations included: a table without a primary key or replica identity refuses every UPDATE and DELETE from then on.");
                }
                self.subscriber(
                    b,
                    PhaseName::Prepare,
                    Rank::Check,
                    &format!(
                        "Create {} on the subscriber, with the same columns",
                        if *all { "the tables".to_owned() } else { shown(&self.tables) }
                    ),
                );
                let undo = b.undo_sql(
                    vec![format!("DROP PUBLICATION {}", b.id(name))],
                    "Subscribers of it stop with an error until they are changed.",
                );
                self.step(b, PhaseName::Migrate, sql, undo, Some(objects::publication_exists(name, true)));
                self.subscriber(
                    b,
                    PhaseName::Migrate,
                    Rank::Verify,
                    &format!(
                        "CREATE SUBSCRIPTION … PUBLICATION {} on the subscriber; it copies the rows that are there",
                        b.id(name)
                    ),
                );
            }
            What::Add { name, sql, identified } => {
                self.identifiable(b, sql, identified)?;
                self.subscriber(
                    b,
                    PhaseName::Prepare,
                    Rank::Check,
                    &format!("Create {} on the subscriber, with the same columns", shown(&self.tables)),
                );
                let list: Vec<String> = self.tables.iter().map(|t| b.name(t)).collect();
                let undo = b.undo_sql(
                    vec![format!("ALTER PUBLICATION {} DROP TABLE {}", b.id(name), list.join(", "))],
                    "Subscribers keep the rows they have.",
                );
                self.step(b, PhaseName::Migrate, sql, undo, Some(objects::published(name, &self.tables, true)));
                self.subscriber(b, PhaseName::Migrate, Rank::Verify, "ALTER SUBSCRIPTION … REFRESH PUBLICATION on the subscriber: only then are the new tables copied and followed");
            }
            What::Remove { name, sql } => {
                let old = self.publication(b, name)?;
                let gone: Vec<String> =
                    old.tables.iter().filter(|t| self.tables.contains(&t.table)).map(|t| member(b, t)).collect();
                let undo = b.undo_sql(
                    vec![format!("ALTER PUBLICATION {} ADD TABLE {}", b.id(name), gone.join(", "))],
                    "What was written in between never reaches the subscriber: it has to copy the table again.",
                );
                self.step(b, PhaseName::Contract, sql, undo, Some(objects::published(name, &self.tables, false)));
                self.subscriber(
                    b,
                    PhaseName::Contract,
                    Rank::DropObject,
                    "ALTER SUBSCRIPTION … REFRESH PUBLICATION on the subscriber; its rows stay as they are",
                );
            }
            What::Other { name, sql } => {
                let old = self.publication(b, name)?;
                let undo = back(b, &old, sql);
                self.step(b, PhaseName::Migrate, sql, undo, None);
                self.subscriber(
                    b,
                    PhaseName::Migrate,
                    Rank::Verify,
                    "ALTER SUBSCRIPTION … REFRESH PUBLICATION on the subscriber, if tables came or went",
                );
            }
            What::Drop { name, sql } => {
                let old = self.publication(b, name)?;
                self.subscriber(b, PhaseName::Settle, Rank::Other, &format!("DROP SUBSCRIPTION, or ALTER SUBSCRIPTION … SET PUBLICATION without {}, on every subscriber: one that still asks for it stops with an error", b.id(name)));
                let undo = b.undo_sql(
                    vec![again(b, &old)],
                    "Comes back with its tables; options such as `publish` are not in the catalog that was read, and what was written in between is not replicated.",
                );
                self.step(b, PhaseName::Contract, sql, undo, Some(objects::publication_exists(name, false)));
            }
            What::Identity { how } => return self.identity(b, how),
        }
        Ok("one brief step, with what the subscriber has to do around it".to_owned())
    }
}

impl Replication {
    fn step(&self, b: &mut Builder, phase: PhaseName, sql: &str, undo: Undo, done: Option<String>) {
        let rank = if phase == PhaseName::Contract { Rank::DropConstraint } else { Rank::Other };
        let mut draft = Draft::sql(phase, rank, self.title(), vec![sql.to_owned()], b.brief())
            .why("Collides with VACUUM, ANALYZE and index builds of the tables, not with reads and writes.")
            .undo(undo)
            .watch("Subscribers", probe::replica_lag());
        draft.tables.clone_from(&self.tables);
        if let Some(done) = done {
            draft = draft.done(done);
        }
        b.push(draft);
    }

    fn subscriber(&self, b: &mut Builder, phase: PhaseName, rank: Rank, command: &str) {
        let mut draft = Draft::new(
            phase,
            rank,
            "On the subscriber",
            Act::External { command: command.to_owned(), effect: Vec::new() },
        )
        .why("Replication carries rows, not changes of structure; the subscriber is another server, which this plan cannot reach.");
        draft.tables.clone_from(&self.tables);
        b.push(draft);
    }

    fn publication(&self, b: &Builder, name: &Ident) -> Result<Publication, Refusal> {
        b.catalog.publications.iter().find(|p| p.name == *name).cloned().ok_or_else(|| {
            Refusal::new(
                format!("there is no publication `{name}` today"),
                "Look at `sidestep inspect`, and plan what creates it first.",
            )
        })
    }

    /// A published table whose rows have no identity refuses every UPDATE and DELETE.
    fn identifiable(&self, b: &Builder, sql: &str, identified: &[TableName]) -> Result<(), Refusal> {
        let lower = sql.to_lowercase();
        let only_inserts =
            lower.contains("publish") && !lower.contains("update") && !lower.contains("delete") && lower.contains('=');
        let nameless = |t: &&Table| {
            let identity = t.replica_identity.as_deref().unwrap_or("default");
            !only_inserts
                && !identified.contains(&t.name)
                && (identity == "nothing" || (identity == "default" && t.primary_key().is_none()))
        };
        let found = self.tables.iter().filter_map(|t| b.catalog.table(t)).find(nameless);
        match found {
            Some(table) => Err(Refusal::new(
                format!(
                    "`{}` has no replica identity: once it is published, the server refuses every UPDATE and DELETE on it (55000)",
                    table.name
                ),
                format!(
                    "Add a primary key first, or `ALTER TABLE {} REPLICA IDENTITY USING INDEX …` (or FULL, which writes whole rows to the WAL) to the script.",
                    b.name(&table.name)
                ),
            )),
            None => Ok(()),
        }
    }

    fn identity(&self, b: &mut Builder, how: &How) -> Result<String, Refusal> {
        let Some(name) = self.tables.first() else { return Ok("nothing to do: no table is named".to_owned()) };
        let table = b.catalog.table(name).ok_or_else(|| created_here(name))?;
        let published: Vec<String> = b
            .catalog
            .publications
            .iter()
            .filter(|p| p.all_tables || p.tables.iter().any(|t| t.table == *name))
            .map(|p| format!("`{}`", p.name))
            .collect();
        let nameless = *how == How::Nothing || (*how == How::Default && table.primary_key().is_none());
        if nameless && !published.is_empty() {
            return Err(Refusal::new(
                format!(
                    "`{name}` is published ({}): without a replica identity the server refuses every UPDATE and DELETE on it (55000)",
                    published.join(", ")
                ),
                "Take it out of the publication first, or give it a primary key.",
            ));
        }
        if let How::Index(index) = how {
            fits(table, index)?;
        }
        let (words, letter, index) = match how {
            How::Default => ("DEFAULT".to_owned(), 'd', None),
            How::Full => ("FULL".to_owned(), 'f', None),
            How::Nothing => ("NOTHING".to_owned(), 'n', None),
            How::Index(index) => (format!("USING INDEX {}", b.id(index)), 'i', Some(index)),
        };
        let was = match table.replica_identity.as_deref().unwrap_or("default") {
            "full" => "FULL".to_owned(),
            "nothing" => "NOTHING".to_owned(),
            other => other
                .strip_prefix("index ")
                .map_or("DEFAULT".to_owned(), |i| format!("USING INDEX {}", b.id(&Ident::new(i)))),
        };
        if was == words {
            return Ok("nothing to do: that is how it is".to_owned());
        }
        let alter = |words: &str| format!("ALTER TABLE {} REPLICA IDENTITY {words}", b.name(name));
        b.push(
            Draft::sql(PhaseName::Expand, Rank::Relax, self.title(), vec![alter(&words)], b.brief())
                .why("Catalog only, under a lock that readers feel: brief. It decides what an UPDATE or DELETE writes to the WAL about the old row.")
                .on(name)
                .undo(b.undo_sql(vec![alter(&was)], "Catalog only; brief lock."))
                .done(objects::replica_identity_is(name, letter, index))
                .watch("Who holds a lock on the table", probe::lock_holders(name)),
        );
        if *how == How::Full {
            b.finding(Severity::Warning, format!("REPLICA IDENTITY FULL: every UPDATE and DELETE of `{name}` writes the whole old row to the WAL, and a subscriber looks for it without a key."));
        }
        Ok("one brief step: only the catalog changes".to_owned())
    }
}

/// An index that can tell rows apart: unique, plain, valid, over NOT NULL columns.
fn fits(table: &Table, name: &Ident) -> Result<(), Refusal> {
    let not_null = |k: &Option<Ident>| k.as_ref().and_then(|c| table.column(c)).is_some_and(|c| c.not_null);
    let why = match table.index(name) {
        None => "there is no such index today",
        Some(i) if !i.unique => "it is not unique",
        Some(i) if !i.valid => "it is invalid",
        Some(i) if i.predicate.is_some() => "it is partial",
        Some(i) if !i.keys.iter().all(not_null) => "a column of it may be NULL, or is an expression",
        Some(_) => return Ok(()),
    };
    Err(Refusal::new(
        format!("`{name}` cannot identify rows of `{}`: {why} (42809)", table.name),
        "Build a unique index over NOT NULL columns first, then plan this change.",
    ))
}

fn publication(op: &str, sql: &str, identified: &[TableName]) -> Option<What> {
    let mut words = Reader::new(sql);
    words.skip();
    words.eat("publication").then_some(())?;
    words.eat("if exists");
    let name = words.ident()?;
    let sql = sql.trim().to_owned();
    let identified = identified.to_vec();
    Some(match op {
        "create-publication" => What::Create { name, sql, all: words.is("for all tables"), identified },
        "alter-publication" if words.is("add table") => What::Add { name, sql, identified },
        "alter-publication" if words.is("drop table") => What::Remove { name, sql },
        "alter-publication" => What::Other { name, sql },
        "drop-publication" => What::Drop { name, sql },
        _ => return None,
    })
}

fn identity(text: &str) -> Option<How> {
    let mut words = Reader::new(text);
    words.eat("replica identity").then_some(())?;
    if words.eat("using index") {
        return words.ident().map(How::Index);
    }
    Some(if words.eat("full") {
        How::Full
    } else if words.eat("nothing") {
        How::Nothing
    } else {
        How::Default
    })
}

fn shown(tables: &[TableName]) -> String {
    tables.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ")
}

fn member(b: &Builder, table: &PublishedTable) -> String {
    let mut text = b.name(&table.table);
    if !table.columns.is_empty() {
        text.push_str(&format!(" ({})", b.ids(&table.columns)));
    }
    if let Some(filter) = &table.row_filter {
        text.push_str(&format!(" WHERE ({filter})"));
    }
    text
}

fn again(b: &Builder, old: &Publication) -> String {
    let create = format!("CREATE PUBLICATION {}", b.id(&old.name));
    if old.all_tables {
        return format!("{create} FOR ALL TABLES");
    }
    let list: Vec<String> = old.tables.iter().map(|t| member(b, t)).collect();
    if list.is_empty() { create } else { format!("{create} FOR TABLE {}", list.join(", ")) }
}

/// The way back from SET TABLE and RENAME; options and owner of today are not in the catalog.
fn back(b: &Builder, old: &Publication, sql: &str) -> Undo {
    let mut words = Reader::new(sql);
    words.eat("alter publication");
    words.ident();
    if words.eat("rename to")
        && let Some(to) = words.ident()
    {
        let text = format!("ALTER PUBLICATION {} RENAME TO {}", b.id(&to), b.id(&old.name));
        return b.undo_sql(vec![text], "Catalog only.");
    }
    if words.is("set table") && !old.tables.is_empty() {
        let list: Vec<String> = old.tables.iter().map(|t| member(b, t)).collect();
        let text = format!("ALTER PUBLICATION {} SET TABLE {}", b.id(&old.name), list.join(", "));
        return b.undo_sql(vec![text], "What was written in between never reaches the subscriber.");
    }
    let set = if words.eat("set") { words.parens().map(pieces).unwrap_or_default() } else { Vec::new() };
    Undo::PointOfNoReturn {
        because: format!(
            "What stood there before ({}) is not in the catalog that was read: note it down first (`\\dRp+` in psql).",
            if set.is_empty() { "the owner or schemas".to_owned() } else { set.join(", ").replace('`', "'") }
        ),
    }
}
