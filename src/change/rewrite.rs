//! What writes a whole table anew under a lock that stops reads: VACUUM FULL, CLUSTER, another tablespace, LOGGED, another
//! access method or generated expression. pg_repack does the first three beside the traffic; for the others there is no way.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{objects, probe, regclass};
use crate::engine::judge;
use crate::model::{Ident, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::estimate::{Cost, Estimate, cost};
use crate::plan::{Act, PhaseName, Severity, Timeouts, TransactionMode, Undo};
use crate::sql::{Alter, AlterAction, ObjectName, Reader, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct Rewrite {
    tables: Vec<TableName>,
    what: What,
    /// To run in one go.
    sql: String,
    statement: Statement,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    VacuumFull,
    Cluster { index: Option<Ident> },
    Tablespace { to: Ident },
    Logged { on: bool },
    AccessMethod { to: Ident },
    Expression { column: Ident },
}

impl Kind for Rewrite {
    const NAME: &'static str = "rewrite-table";
    const TITLE: &'static str = "Write a table anew";
    const FORMS: &'static [Spec] = &[
        ("Give a table's free space back", "VACUUM FULL {table:table=jobs};"),
        ("Sort a table by an index", "CLUSTER {table:table=jobs} USING {index:index=jobs_pkey};"),
        ("Make a table logged or unlogged", "ALTER TABLE {table:table=rate_limits} SET {how:LOGGED|UNLOGGED=LOGGED};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (at, atom) in wish.atoms.iter().enumerate() {
            match &atom.part {
                Part::Whole(statement @ Statement::Known { op, .. }) if op == "vacuum-full" || op == "cluster" => {
                    let tables: Vec<TableName> =
                        statement.objects().into_iter().map(|o| o.resolve(wish.catalog)).collect();
                    let what = if op == "cluster" { cluster(atom.text) } else { What::VacuumFull };
                    let (sql, statement) = (atom.text.trim().to_owned(), (*statement).clone());
                    claims.push(Claim::one(at, Self { tables, what, sql, statement }));
                }
                Part::Alter { table, action: action @ Alter::Other { op, column, .. } } => {
                    let Some(what) = option(op, column.as_ref(), atom.text) else { continue };
                    let d = crate::engine::dialect(wish.catalog.server.engine);
                    let action = AlterAction { span: 0..0, text: atom.text.to_owned(), action: (*action).clone() };
                    let statement = Statement::AlterTable {
                        table: ObjectName { schema: Some(table.schema.clone()), name: table.name.clone() },
                        only: false,
                        if_exists: false,
                        actions: vec![action],
                    };
                    let sql = format!("ALTER TABLE {} {}", d.name(table), atom.text);
                    claims.push(Claim::one(at, Self { tables: vec![table.clone()], what, sql, statement }));
                }
                _ => {}
            }
        }
        claims
    }

    fn title(&self) -> String {
        let on = self.tables.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", ");
        let on = if on.is_empty() { "every table".to_owned() } else { on };
        match &self.what {
            What::VacuumFull => format!("Pack {on} anew (VACUUM FULL)"),
            What::Cluster { index: Some(index) } => format!("Put {on} into the order of `{index}` (CLUSTER)"),
            What::Cluster { index: None } => format!("Put {on} into the order of its index (CLUSTER)"),
            What::Tablespace { to } => format!("Move {on} to tablespace `{to}`"),
            What::Logged { on: true } => format!("Make {on} logged"),
            What::Logged { on: false } => format!("Make {on} unlogged"),
            What::AccessMethod { to } => format!("Store {on} by access method `{to}`"),
            What::Expression { column } => format!("Change the expression of `{column}` of {on}"),
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        if self.tables.is_empty() {
            return Err(Refusal::new(
                "without a table, every table of the database would be locked against reads in turn",
                "Name the tables; each is planned by itself.",
            ));
        }
        let mut tables: Vec<Table> = Vec::new();
        for name in &self.tables {
            tables.push(b.catalog.table(name).ok_or_else(|| created_here(name))?.clone());
        }
        let price = cost(&judge(&self.statement, b.catalog, b.session), b.policy);
        if matches!(&self.what, What::Logged { on: false }) {
            self.unlogged(b, &tables)?;
        }
        let unchanged = |t: &Table| match &self.what {
            What::Logged { on } => t.unlogged != *on,
            _ => false,
        };
        if tables.iter().all(unchanged) {
            return Ok("nothing to do: that is how it is".to_owned());
        }
        let reasons: Option<Vec<String>> = tables.iter().map(|t| b.direct(t)).collect();
        if let Some(reason) = reasons.and_then(|r| r.into_iter().next()) {
            self.direct(b, &price);
            return Ok(reason);
        }
        match &self.what {
            What::VacuumFull => tables.iter().try_for_each(|t| self.repack(b, t, "--no-order"))?,
            What::Cluster { index } => tables.iter().try_for_each(|t| self.cluster(b, t, index.as_ref()))?,
            What::Tablespace { to } => {
                let option = format!("--tablespace={} --no-order", shell(to.as_str()));
                tables.iter().try_for_each(|t| self.repack(b, t, &option))?;
            }
            What::Logged { .. } | What::AccessMethod { .. } | What::Expression { .. } => {
                return Err(Refusal::new(
                    format!(
                        "{} writes it anew while reads and writes stand still ({}), and neither the server nor pg_repack does that beside the traffic",
                        lower(&self.title()),
                        price.blocked
                    ),
                    self.other_way(),
                ));
            }
        }
        Ok("online: pg_repack writes the table anew beside the traffic; the server's own command would stop reads"
            .to_owned())
    }
}

impl Rewrite {
    fn done(&self) -> Option<String> {
        let table = self.tables.first()?;
        match &self.what {
            What::Logged { on } => Some(objects::persistence_is(table, *on)),
            What::Tablespace { to } => Some(objects::tablespace_is(table, to)),
            What::AccessMethod { to } => Some(objects::access_method_is(table, to)),
            What::VacuumFull | What::Cluster { .. } | What::Expression { .. } => None,
        }
    }

    fn direct(&self, b: &mut Builder, price: &Cost) {
        let alone = self.what == What::VacuumFull;
        let timeouts = Timeouts { lock_ms: b.policy.lock_timeout_ms, statement_ms: 0 };
        let transaction = if alone { TransactionMode::None } else { TransactionMode::Single };
        let sql = vec![self.sql.clone()];
        let mut draft = Draft::new(PhaseName::Migrate, Rank::Other, self.title(), Act::Sql { sql, transaction, timeouts })
            .why(format!("A maintenance step: reads and writes stand still while the table is written anew ({}). The lock timeout gives the place in the queue up; the statement itself has no timeout, for it would begin anew.", price.blocked))
            .undo(self.back(b));
        draft.tables.clone_from(&self.tables);
        if let Some(done) = self.done() {
            draft = draft.done(done);
        }
        for table in &self.tables {
            draft = draft.watch("Who holds a lock on the table", probe::lock_holders(table));
        }
        b.push(draft);
    }

    fn back(&self, b: &Builder) -> Undo {
        let again = |action: &str| {
            let sql = self.tables.iter().map(|t| format!("ALTER TABLE {} {action}", b.name(t))).collect();
            b.undo_sql(sql, "Writes the table anew once more, while reads and writes stand still.")
        };
        match &self.what {
            What::Logged { on: true } => again("SET UNLOGGED"),
            What::Logged { on: false } => again("SET LOGGED"),
            What::AccessMethod { .. } => again("SET ACCESS METHOD heap"),
            What::Tablespace { .. } => Undo::Nothing {
                because: "Where the table lay is not in the catalog that was read; the same command moves it back."
                    .to_owned(),
            },
            What::Expression { column } => {
                let was = self
                    .tables
                    .first()
                    .and_then(|t| b.catalog.table(t))
                    .and_then(|t| t.column(column))
                    .and_then(|c| c.generated.clone());
                match was {
                    Some(was) => again(&format!("ALTER COLUMN {} SET EXPRESSION AS ({})", b.id(column), was.sql)),
                    None => super::recipe::way_back::unknown(),
                }
            }
            // It marks the index that it ordered by.
            What::Cluster { index: Some(_) } => {
                let marked = |t: &TableName| b.catalog.table(t).and_then(|t| t.indexes.iter().find(|i| i.clustered));
                let mark = |t: &TableName| match marked(t) {
                    Some(index) => format!("ALTER TABLE {} CLUSTER ON {}", b.name(t), b.id(&index.name)),
                    None => format!("ALTER TABLE {} SET WITHOUT CLUSTER", b.name(t)),
                };
                let because = "The rows are the same, in another place; only the mark on the index is taken back.";
                b.undo_sql(self.tables.iter().map(mark).collect(), because)
            }
            What::VacuumFull | What::Cluster { index: None } => {
                Undo::Nothing { because: "The rows are the same; only their place is another.".to_owned() }
            }
        }
    }

    /// Foreign keys cannot lead from a table that survives a crash to one that does not.
    fn unlogged(&self, b: &mut Builder, tables: &[Table]) -> Result<(), Refusal> {
        for table in tables {
            if let Some((other, key)) =
                b.catalog.referenced_by(&table.name).find(|(t, _)| !t.unlogged && t.name != table.name)
            {
                return Err(Refusal::new(
                    format!(
                        "`{}` of `{}` references `{}`: a logged table cannot point at an unlogged one (42P16)",
                        key.name, other.name, table.name
                    ),
                    "Make that table unlogged first, or drop the foreign key.",
                ));
            }
            b.finding(
                Severity::Danger,
                format!(
                    "An unlogged table is empty after a crash and on every replica: can all of `{}` be lost?",
                    table.name
                ),
            );
        }
        Ok(())
    }

    fn other_way(&self) -> String {
        let own = match &self.what {
            What::Logged { .. } | What::AccessMethod { .. } => {
                "Beside the traffic: create a new table of that kind, have the application write both, copy in batches, and switch the reads."
            }
            _ => {
                "Beside the traffic: add a column of another name that the application or a trigger fills, and drop this one."
            }
        };
        format!("{own} In a maintenance window: plan with `--strategy direct`.")
    }

    fn cluster(&self, b: &mut Builder, table: &Table, index: Option<&Ident>) -> Result<(), Refusal> {
        if let Some(name) = index {
            let found = table.index(name).ok_or_else(|| {
                Refusal::new(
                    format!("`{}` has no index `{name}` today", table.name),
                    "Create the index first, then plan this change.",
                )
            })?;
            if found.method != "btree" || found.predicate.is_some() {
                return Err(Refusal::new(
                    format!(
                        "pg_repack cannot put `{}` into the order of `{name}`: it is no plain btree index",
                        table.name
                    ),
                    "Plan with `--strategy direct` in a maintenance window.",
                ));
            }
            let t = b.name(&table.name);
            let draft = Draft::sql(
                PhaseName::Expand,
                Rank::SetDefault,
                format!("Mark `{name}` as the index that `{}` is clustered on", table.name),
                vec![format!("ALTER TABLE {t} CLUSTER ON {}", b.id(name))],
                b.brief(),
            )
            .why("pg_repack orders by the index that is marked. Blocks neither reads nor writes.")
            .on(&table.name)
            .undo(b.undo_sql(vec![format!("ALTER TABLE {t} SET WITHOUT CLUSTER")], "Catalog only."))
            .done(objects::clustered_on(&table.name, Some(name)));
            b.push(draft);
        }
        self.repack(b, table, "")
    }

    fn repack(&self, b: &mut Builder, table: &Table, options: &str) -> Result<(), Refusal> {
        let partitioned = table.kind == TableKind::Partitioned;
        if table.kind == TableKind::Foreign {
            return Err(Refusal::new(format!("`{}` is a foreign table", table.name), "Do it on its own server."));
        }
        if b.walk_key(table).is_none() {
            return Err(Refusal::new(
                format!(
                    "pg_repack needs a primary key or a unique index over NOT NULL columns, and `{}` has neither",
                    table.name
                ),
                "Add a primary key first, or plan with `--strategy direct` in a maintenance window.",
            ));
        }
        let name = &table.name;
        b.push(
            Draft::verify(
                PhaseName::Prepare,
                Rank::Check,
                "The extension pg_repack is there",
                objects::extension_there("pg_repack"),
            )
            .why("If it is not: install the package for this major version on the database server, then `CREATE EXTENSION pg_repack`. The command's version has to be the extension's."),
        );
        let left = |word: &str| {
            format!(
                "SELECT {word} EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = {} AND tgname = 'repack_trigger')",
                regclass(name)
            )
        };
        b.push(
            Draft::verify(PhaseName::Prepare, Rank::Check, format!("No earlier run of pg_repack left its trigger on `{name}`"), left("NOT"))
                .why("A run that was killed leaves its trigger and log table: `DROP EXTENSION pg_repack CASCADE` and `CREATE EXTENSION pg_repack` remove them.")
                .on(name),
        );
        let which = if partitioned { "--parent-table" } else { "--table" };
        let command = format!(
            "pg_repack --dbname={} {which}={} {options} --wait-timeout=60 --no-kill-backend",
            shell(&b.catalog.database),
            shell(&b.name(name))
        );
        let command = command.split(' ').filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
        let family: Vec<&Table> = if partitioned { b.catalog.partitions_of(name).collect() } else { vec![table] };
        let bytes: u64 = family.iter().map(|t| t.stats.total().0).sum();
        let price = cost(&judge(&self.statement, b.catalog, b.session), b.policy);
        let mut draft = Draft::new(
            PhaseName::Migrate,
            Rank::Other,
            format!("{} with pg_repack", self.title()),
            Act::External { command, effect: Vec::new() },
        )
        .why(format!(
            "The server's own command would stop reads and writes for {}. pg_repack copies the table beside the traffic, follows its changes with a trigger, and locks it for a moment at the start and for the exchange; `--no-kill-backend` makes it give up instead of ending other sessions. Free disk: at least {} for the copy and its indexes, and as much WAL. No other DDL on the table while it runs. Try `--dry-run` first.",
            price.blocked,
            crate::model::Bytes(bytes)
        ))
        .on(name)
        .undo(self.outside())
        .abort_if("Disk or WAL space runs out, or replicas fall behind: stop it with Ctrl-C, it cleans up after itself.")
        .watch("Who holds a lock on the table", probe::lock_holders(name));
        draft.cost = Some(Cost { blocked: Estimate::Instant, ..price });
        if let What::Tablespace { to } = &self.what {
            draft = draft.done(objects::tablespace_is(name, to));
        }
        b.push(draft);
        b.push(
            Draft::verify(
                PhaseName::Migrate,
                Rank::Verify,
                format!("pg_repack has cleaned up on `{name}`"),
                left("NOT"),
            )
            .why("While its trigger is there, the run has not ended.")
            .on(name),
        );
        if !b.catalog.publications.iter().all(|p| !p.all_tables && p.tables.iter().all(|t| t.table != *name)) {
            b.finding(Severity::Warning, format!("`{name}` is published: pg_repack exchanges the table's file under its name, so replication goes on; its log table is not to be published (`FOR ALL TABLES` does)."));
        }
        Ok(())
    }

    fn outside(&self) -> Undo {
        Undo::Nothing {
            because: "The rows are the same; the same command with other options moves them again.".to_owned(),
        }
    }
}

/// Behind `CLUSTER`: `t USING i`, `i ON t`, `t`.
fn cluster(text: &str) -> What {
    let mut words = Reader::new(text);
    words.eat("cluster");
    words.eat("verbose");
    words.parens();
    let first = words.name();
    let index = if words.eat("on") {
        first.map(|n| n.name)
    } else if words.eat("using") {
        words.ident()
    } else {
        None
    };
    What::Cluster { index }
}

fn option(op: &str, column: Option<&Ident>, text: &str) -> Option<What> {
    let mut words = Reader::new(text);
    match op {
        "set-logged" => Some(What::Logged { on: true }),
        "set-unlogged" => Some(What::Logged { on: false }),
        "set-tablespace" => {
            words.eat("set tablespace");
            words.ident().map(|to| What::Tablespace { to })
        }
        "set-access-method" => {
            words.eat("set access method");
            words.ident().map(|to| What::AccessMethod { to })
        }
        "set-expression" => column.map(|c| What::Expression { column: c.clone() }),
        _ => None,
    }
}

/// One word for a shell.
fn shell(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |c| c.to_lowercase().chain(chars).collect())
}
