//! What numbers a column: a sequence becomes an identity, an identity a sequence, and who may send numbers of their own.

use super::form::Spec;
use super::recipe::lock_all;
use super::recipe::together::{add_identity, counter, go_on};
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{probe, regclass};
use crate::model::catalog::Identity as When;
use crate::model::objects::Sequence;
use crate::model::{Catalog, Column, Ident, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::{Alter, ObjectName, SequenceOption, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    table: TableName,
    column: Ident,
    to: To,
}

#[derive(Debug, Clone, PartialEq)]
enum To {
    /// `ADD GENERATED`; the sequence that numbered it so far, and whether the script drops it.
    Identity { written: Written, from: Option<TableName>, drops: bool },
    /// `DROP IDENTITY`, and the sequence and default that the script puts in its place.
    Default { sequence: Option<TableName>, owned: bool },
    /// `SET GENERATED`.
    Generated(When),
}

/// What `ADD GENERATED` says.
#[derive(Debug, Clone, PartialEq)]
struct Written {
    when: When,
    options: Vec<String>,
    start: Option<i64>,
}

impl Kind for Identity {
    const NAME: &'static str = "identity";
    const TITLE: &'static str = "Change what numbers a column";
    const FORMS: &'static [Spec] = &[(
        "",
        "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=id} DROP DEFAULT;\nALTER TABLE {table} ALTER COLUMN {column} ADD GENERATED {when:ALWAYS|BY DEFAULT=BY DEFAULT} AS IDENTITY[ (START WITH {start:sql=1000000000})];",
    )];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (at, table, action) in wish.alters() {
            let mut atoms = vec![at];
            let (column, to) = match action {
                Alter::AddIdentity { column, identity, options } if wish.column_exists(table, column) => {
                    let from = numbered_by(wish.catalog, table, column).map(|s| s.name.clone());
                    atoms.extend(of_column(
                        wish,
                        table,
                        |a| matches!(a, Alter::DropDefault { column: c } if c == column),
                    ));
                    let dropped = from.as_ref().and_then(|s| sequence_statement(wish, s, &["drop-sequence"]));
                    atoms.extend(dropped);
                    let start = options.iter().find_map(|o| match o {
                        SequenceOption::Start(n) => Some(*n),
                        _ => None,
                    });
                    let written = Written { when: *identity, options: spelled(options), start };
                    let to = To::Identity { written, from, drops: dropped.is_some() };
                    (column, to)
                }
                Alter::DropIdentity { column } if wish.column_exists(table, column) => {
                    let (set, made, owned) = replacement(wish, table, column);
                    atoms.extend(set.iter().chain(made.iter().map(|(at, _)| at)));
                    let sequence = made.map(|(_, name)| name);
                    let owner = sequence.as_ref().and_then(|s| owner_statement(wish, s));
                    atoms.extend(owner);
                    (column, To::Default { sequence, owned: owned || owner.is_some() })
                }
                Alter::Other { op, column: Some(column), .. } if op == "set-generated" => {
                    let text = wish.atoms.get(at).map(|a| a.text.to_uppercase()).unwrap_or_default();
                    let words: Vec<&str> = text.split_whitespace().collect();
                    let to = match words.get(words.len().saturating_sub(2)..) {
                        Some(["GENERATED", "ALWAYS"]) => To::Generated(When::Always),
                        Some(["BY", "DEFAULT"]) => To::Generated(When::ByDefault),
                        // With further options it is written out as it stands.
                        _ => continue,
                    };
                    (column, to)
                }
                _ => continue,
            };
            atoms.sort_unstable();
            atoms.dedup();
            claims.push(Claim { atoms, change: Self { table: table.clone(), column: column.clone(), to } });
        }
        claims
    }

    fn title(&self) -> String {
        let name = format!("`{}.{}`", self.table, self.column);
        match &self.to {
            To::Identity { .. } => format!("Make {name} an identity column"),
            To::Default { sequence: Some(sequence), .. } => format!("Number {name} by the sequence `{sequence}`"),
            To::Default { .. } => format!("No longer number {name}"),
            To::Generated(When::Always) => format!("Refuse numbers that are sent for {name}"),
            To::Generated(When::ByDefault) => format!("Take numbers that are sent for {name}"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        vec![self.table.clone()]
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        let table = b.catalog.table(&self.table).ok_or_else(|| created_here(&self.table))?;
        let column = table.column(&self.column).ok_or_else(|| created_here(&self.table))?;
        if table.kind == TableKind::Partitioned && !b.since(17) && !matches!(self.to, To::Generated(_)) {
            return Err(Refusal::new(
                format!(
                    "before PostgreSQL 17 the partitions of the identity column `{}.{}` have no identity, so that an INSERT straight into one fails",
                    self.table, self.column
                ),
                "Keep a sequence as the column's default until the server is upgraded.",
            ));
        }
        match &self.to {
            To::Identity { written, from, drops } => {
                let from = from.as_ref().and_then(|n| b.catalog.sequences.iter().find(|s| s.name == *n));
                self.to_identity(b, column, written, from, *drops)?;
                Ok("catalog only, in one short transaction; the counter goes on where it stands".to_owned())
            }
            To::Default { sequence, owned } => self.to_default(b, table, column, sequence.as_ref(), *owned),
            To::Generated(when) => Ok(self.generated(b, column, *when)),
        }
    }
}

/// The sequence whose next number is the column's default: its own, or one that the default names.
fn numbered_by<'c>(catalog: &'c Catalog, table: &TableName, column: &Ident) -> Option<&'c Sequence> {
    let default = &catalog.table(table)?.column(column)?.default.as_ref()?.sql;
    let named = default.strip_prefix("nextval('")?.split_once("'::regclass").map(|(name, _)| name)?;
    let d = crate::engine::dialect(catalog.server.engine);
    catalog.sequences.iter().find(|s| {
        let owned = s.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == *column);
        let bare = d.ident(&s.name.name) == named || s.name.name.as_str() == named;
        d.name(&s.name) == named || (bare && (owned || catalog.search_path.contains(&s.name.schema)))
    })
}

fn of_column(wish: &Wish, table: &TableName, fits: impl Fn(&Alter) -> bool) -> Option<usize> {
    wish.alters().find(|(_, t, action)| *t == table && fits(action)).map(|(at, _, _)| at)
}

/// A statement known by its verb whose only target is the sequence.
fn sequence_statement(wish: &Wish, sequence: &TableName, ops: &[&str]) -> Option<usize> {
    wish.statements().find_map(|(at, statement)| match statement {
        Statement::Known { op, target: Some(target), also, .. } => {
            let same = also.is_empty() && sequence_named(wish, target) == *sequence;
            (ops.contains(&op.as_str()) && same).then_some(at)
        }
        _ => None,
    })
}

fn sequence_named(wish: &Wish, name: &ObjectName) -> TableName {
    let found = wish.catalog.sequences.iter().find(|s| {
        s.name.name == name.name
            && name
                .schema
                .as_ref()
                .map_or_else(|| wish.catalog.search_path.contains(&s.name.schema), |n| *n == s.name.schema)
    });
    found.map_or_else(|| name.resolve(wish.catalog), |s| s.name.clone())
}

/// SET DEFAULT nextval(…) of the column, and the CREATE SEQUENCE that it names; whether that is owned at once.
fn replacement(wish: &Wish, table: &TableName, column: &Ident) -> (Option<usize>, Option<(usize, TableName)>, bool) {
    let d = crate::engine::dialect(wish.catalog.server.engine);
    let set = wish.alters().find_map(|(at, t, action)| match action {
        Alter::SetDefault { column: c, default } if t == table && c == column => Some((at, default.sql.clone())),
        _ => None,
    });
    let Some((set, default)) = set else { return (None, None, false) };
    let made = wish.statements().find_map(|(at, statement)| {
        let Statement::CreateSequence { name, options } = statement else { return None };
        let full = name.resolve(wish.catalog);
        let named = [d.name(&full), d.ident(&full.name), full.to_string(), full.name.to_string()];
        let owned = options.iter().any(|o| matches!(o, SequenceOption::OwnedBy(Some(_))));
        named.iter().any(|n| default.contains(&format!("'{n}'"))).then_some((at, full, owned))
    });
    match made {
        Some((at, full, owned)) => (Some(set), Some((at, full)), owned),
        None => (None, None, false),
    }
}

fn owner_statement(wish: &Wish, sequence: &TableName) -> Option<usize> {
    wish.statements().find_map(|(at, statement)| match statement {
        Statement::AlterSequence { name, options } if name.resolve(wish.catalog) == *sequence => {
            matches!(options.as_slice(), [SequenceOption::OwnedBy(Some(_))]).then_some(at)
        }
        _ => None,
    })
}

/// What is said of the counter itself; where it starts follows from where it stands.
fn spelled(options: &[SequenceOption]) -> Vec<String> {
    let number = |word: &str, none: &str, n: &Option<i64>| n.map_or_else(|| none.to_owned(), |n| format!("{word} {n}"));
    options
        .iter()
        .filter_map(|option| match option {
            SequenceOption::Increment(n) => Some(format!("INCREMENT BY {n}")),
            SequenceOption::Min(n) => Some(number("MINVALUE", "NO MINVALUE", n)),
            SequenceOption::Max(n) => Some(number("MAXVALUE", "NO MAXVALUE", n)),
            SequenceOption::Cache(n) => Some(format!("CACHE {n}")),
            SequenceOption::Cycle(yes) => Some(if *yes { "CYCLE" } else { "NO CYCLE" }.to_owned()),
            _ => None,
        })
        .collect()
}

impl Identity {
    fn to_identity(
        &self,
        b: &mut Builder,
        column: &Column,
        written: &Written,
        from: Option<&Sequence>,
        drops: bool,
    ) -> Result<(), Refusal> {
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        if let (Some(default), None) = (&column.default, from) {
            return Err(Refusal::new(
                format!("the default of `{}.{}` is `{}`, which is no sequence", self.table, self.column, default.sql),
                "Drop the default first, in a plan of its own: rows that relied on it have to send a number.",
            ));
        }
        if !column.not_null && !b.since(12) {
            return Err(Refusal::new(
                format!(
                    "an identity needs NOT NULL, which PostgreSQL {} sets on `{}.{}` only by a full scan under ACCESS EXCLUSIVE",
                    b.catalog.server.version.major, self.table, self.column
                ),
                "Keep the sequence as a default until the server is upgraded.",
            ));
        }
        // The script sets it, or the server would refuse the script: that change proves it before this step.
        let when = written.when;
        let options = match (written.options.as_slice(), from) {
            ([], Some(sequence)) => sequence.options.clone(),
            (own, _) => own.to_vec(),
        };
        let (mut there, mut back) = (Vec::new(), Vec::new());
        match (from, &column.default) {
            (Some(old), Some(default)) => {
                // No number may be taken between the look at the counter and its end; and INSERT locks the table first.
                back.push(lock_all(b, vec![self.table.clone()]));
                let aside = old.name.sibling(b.fresh(&self.table, &[old.name.name.as_str(), "old"]).0);
                // The identity takes over the name of a sequence that goes.
                let own = if drops { old.name.clone() } else { self.fresh_sequence(b) };
                there.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"));
                if drops {
                    there.push(format!("ALTER SEQUENCE {} RENAME TO {}", b.name(&old.name), b.id(&aside.name)));
                }
                there.push(format!("ALTER TABLE {t} {}", add_identity(b, &self.column, when, &own, &options)));
                there.push(go_on(b, &own, if drops { &aside } else { &old.name }));
                if drops {
                    there.push(format!("DROP SEQUENCE {}", b.name(&aside)));
                    back.push(format!("ALTER SEQUENCE {} RENAME TO {}", b.name(&own), b.id(&aside.name)));
                    back.push(create_sequence(b, old));
                    back.push(go_on(b, &old.name, &aside));
                } else {
                    back.push(go_on(b, &old.name, &own));
                }
                back.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP IDENTITY"));
                if drops && old.owned_by.is_some() {
                    back.push(format!("ALTER SEQUENCE {} OWNED BY {t}.{c}", b.name(&old.name)));
                }
                back.push(format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {}", default.sql));
            }
            _ => {
                let own = self.fresh_sequence(b);
                there.push(format!("ALTER TABLE {t} {}", add_identity(b, &self.column, when, &own, &options)));
                there.push(behind_the_last(b, &own, &t, &c, written.start));
                b.finding(
                    Severity::Warning,
                    format!(
                        "Releases that go on sending `{}` of `{}` themselves will take numbers that the identity gives later: let them stop first, or leave them room by START WITH.",
                        self.column, self.table
                    ),
                );
                back.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP IDENTITY"));
            }
        }
        let step = Draft::sql(PhaseName::Switch, Rank::Swap, self.title(), there, b.brief())
            .why("Catalog only. The numbers go on where they stand: what was written into `START WITH` would be out of date by now.")
            .on(&self.table)
            .undo(b.undo_sql(back, "Back to what numbered the column before; catalog only, and the numbers go on."))
            .done(probe::column_is_identity(&self.table, &self.column))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        let done = b.push(step);
        if when == When::Always {
            self.sends_none(b, Mark::After(done));
        }
        if let Some(old) = from.filter(|_| drops) {
            b.finding(
                Severity::Note,
                format!("Code that calls `nextval` of `{}` itself needs USAGE on it again: the identity's sequence has the name, not the grants. An INSERT needs none.", old.name),
            );
        }
        Ok(())
    }

    fn fresh_sequence(&self, b: &mut Builder) -> TableName {
        let name = b.made_up(&self.table, std::slice::from_ref(&self.column), "seq");
        self.table.sibling(name.0)
    }

    /// A release that sends numbers of its own is refused from then on.
    fn sends_none(&self, b: &mut Builder, from: Mark) {
        let column = std::slice::from_ref(&self.column);
        b.need(Need::new(Slot::Tolerate, Placement::Fixed, &self.table).stops_writing(column).say(format!(
            "Send no value for `{}` of `{}` (or say OVERRIDING SYSTEM VALUE); read it from RETURNING.",
            self.column, self.table
        )));
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from,
            because: format!("may send a value for `{}.{}`, which is refused from here on", self.table, self.column),
        });
    }

    fn to_default(
        &self,
        b: &mut Builder,
        table: &Table,
        column: &Column,
        sequence: Option<&TableName>,
        owned: bool,
    ) -> Result<String, Refusal> {
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        let (Some(own), Some(when)) = (counter(b, &self.table, &self.column), column.identity) else {
            return Err(Refusal::new(
                format!("`{}.{}` is not an identity column", self.table, self.column),
                "Leave the statement out.",
            ));
        };
        let Some(new) = sequence else {
            self.unnumbered(b, table, own, when);
            return Ok("online: the application sends the numbers first".to_owned());
        };
        let aside = own.name.sibling(b.fresh(&self.table, &[own.name.name.as_str(), "old"]).0);
        let same = *new == own.name;
        let standing = if same { &aside } else { &own.name };
        // No number may be taken between the look at the counter and the end of the old one; and INSERT locks the table first.
        let (mut there, mut back) = (vec![lock_all(b, vec![self.table.clone()])], Vec::new());
        if same {
            there.push(format!("ALTER SEQUENCE {} RENAME TO {}", b.name(&own.name), b.id(&aside.name)));
        }
        let made = Sequence { name: new.clone(), ..own.clone() };
        there.push(create_sequence(b, &made));
        there.push(go_on(b, new, standing));
        there.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP IDENTITY"));
        if owned {
            there.push(format!("ALTER SEQUENCE {} OWNED BY {t}.{c}", b.name(new)));
        }
        let next = format!("nextval({}::regclass)", b.dialect().literal(&b.name(new)));
        there.push(format!("ALTER TABLE {t} ALTER COLUMN {c} SET DEFAULT {next}"));
        back.push(format!("ALTER TABLE {t} ALTER COLUMN {c} DROP DEFAULT"));
        if same {
            back.push(format!("ALTER SEQUENCE {} RENAME TO {}", b.name(new), b.id(&aside.name)));
        }
        let left = if same { &aside } else { new };
        back.push(format!("ALTER TABLE {t} {}", add_identity(b, &self.column, when, &own.name, &own.options)));
        back.push(go_on(b, &own.name, left));
        back.push(format!("DROP SEQUENCE {}", b.name(left)));
        let step = Draft::sql(PhaseName::Switch, Rank::Swap, self.title(), there, b.brief())
            .why("Catalog only; the new sequence goes on where the identity stands.")
            .on(&self.table)
            .undo(b.undo_sql(back, "Catalog only; the identity goes on where the sequence stands."))
            .done(format!("SELECT NOT ({})", inner(&probe::column_is_identity(&self.table, &self.column))))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        b.push(step);
        Ok("catalog only, in one short transaction; the counter goes on where it stands".to_owned())
    }

    /// DROP IDENTITY with nothing in its place: every INSERT has to send a number.
    fn unnumbered(&self, b: &mut Builder, table: &Table, own: &Sequence, when: When) {
        let (t, c) = (b.name(&self.table), b.id(&self.column));
        if when == When::Always {
            let step = self.set(b, PhaseName::Expand, When::ByDefault, When::Always);
            b.push(step);
        }
        b.need(
            Need::new(Slot::Tolerate, Placement::Fixed, &self.table)
                .writes(std::slice::from_ref(&self.column))
                .say(format!("Send `{}` of `{}` in every INSERT.", self.column, self.table)),
        );
        let back = vec![
            format!("ALTER TABLE {t} {}", add_identity(b, &self.column, When::ByDefault, &own.name, &own.options)),
            behind_the_last(b, &own.name, &t, &c, None),
        ];
        let sql = vec![format!("ALTER TABLE {t} ALTER COLUMN {c} DROP IDENTITY")];
        let step = Draft::sql(PhaseName::Switch, Rank::Swap, self.title(), sql, b.brief())
            .why("Its sequence goes with it.")
            .on(&table.name)
            .undo(b.undo_sql(
                back,
                "The identity goes on behind the highest number, which it reads while it holds the lock.",
            ))
            .done(format!("SELECT NOT ({})", inner(&probe::column_is_identity(&self.table, &self.column))))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table));
        let done = b.push(step);
        b.rule(Rule::Older {
            than: Slot::Tolerate,
            from: Mark::After(done),
            because: format!("inserts rows without `{}.{}`, which nothing numbers any more", self.table, self.column),
        });
    }

    fn generated(&self, b: &mut Builder, column: &Column, when: When) -> String {
        let before = column.identity.unwrap_or(when);
        if when == When::Always {
            let step = self.set(b, PhaseName::Switch, when, before);
            let done = b.push(step);
            self.sends_none(b, Mark::After(done));
            return "catalog only, once no release sends numbers of its own".to_owned();
        }
        let step = self.set(b, PhaseName::Expand, when, before);
        b.push(step);
        "catalog only: more is allowed than before".to_owned()
    }

    fn set(&self, b: &Builder, phase: PhaseName, to: When, before: When) -> Draft {
        let sql = |when: When| {
            let word = if when == When::Always { "ALWAYS" } else { "BY DEFAULT" };
            format!("ALTER TABLE {} ALTER COLUMN {} SET GENERATED {word}", b.name(&self.table), b.id(&self.column))
        };
        let letter = if to == When::Always { 'a' } else { 'd' };
        let title = Self { to: To::Generated(to), ..self.clone() }.title();
        Draft::sql(phase, Rank::SetDefault, title, vec![sql(to)], b.brief())
            .why("Catalog only.")
            .on(&self.table)
            .undo(b.undo_sql(vec![sql(before)], "Catalog only; brief lock."))
            .done(format!(
                "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND attidentity = '{letter}')",
                regclass(&self.table),
                b.dialect().literal(self.column.as_str())
            ))
            .watch("Who holds a lock on the table", probe::lock_holders(&self.table))
    }
}

/// `SELECT EXISTS (…)` as an expression.
fn inner(query: &str) -> &str {
    query.strip_prefix("SELECT ").unwrap_or(query)
}

fn create_sequence(b: &Builder, sequence: &Sequence) -> String {
    let of_type = if sequence.data_type == "bigint" { String::new() } else { format!(" AS {}", sequence.data_type) };
    let mut sql = format!("CREATE SEQUENCE {}{of_type}", b.name(&sequence.name));
    for option in &sequence.options {
        sql.push(' ');
        sql.push_str(option);
    }
    sql
}

/// The next number is the one behind the highest that is there, from `start` on.
fn behind_the_last(b: &Builder, sequence: &TableName, table: &str, column: &str, start: Option<i64>) -> String {
    let next = format!("coalesce(max({column}), 0) + 1");
    let next = start.map_or_else(|| next.clone(), |start| format!("greatest({next}, {start})"));
    format!(
        "SELECT pg_catalog.setval({}::pg_catalog.regclass, {next}, false) FROM {table}",
        b.dialect().literal(&b.name(sequence))
    )
}
