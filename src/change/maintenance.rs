//! Upkeep that runs beside the traffic: VACUUM, ANALYZE, the index to cluster on, storage options, statistics targets.

use super::form::Spec;
use super::wish::{Claim, Part, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::{objects, probe, regclass};
use crate::model::{Ident, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Rank};
use crate::plan::{PhaseName, Severity, Undo};
use crate::sql::{Alter, Reader, Statement, pieces};

#[derive(Debug, Clone, PartialEq)]
pub struct Maintenance {
    tables: Vec<TableName>,
    what: What,
}

#[derive(Debug, Clone, PartialEq)]
enum What {
    Vacuum { sql: String },
    Analyze { sql: String },
    ClusterOn { index: Option<Ident> },
    Options { set: Vec<(String, String)>, reset: Vec<String> },
    Column { column: Ident, how: Column },
}

#[derive(Debug, Clone, PartialEq)]
enum Column {
    Statistics(i32),
    Storage(String),
    Compression(String),
}

impl Kind for Maintenance {
    const NAME: &'static str = "maintenance";
    const TITLE: &'static str = "Vacuum, analyze, set storage options";
    const FORMS: &'static [Spec] = &[
        ("Vacuum or analyze", "{what:VACUUM|ANALYZE|VACUUM ANALYZE=ANALYZE} {table:table=orders};"),
        (
            "Set a storage option of a table",
            "ALTER TABLE {table:table=orders} SET ({option:fillfactor|autovacuum_vacuum_scale_factor|autovacuum_analyze_scale_factor=fillfactor} = {value:sql=90});",
        ),
        (
            "Measure a column in more detail",
            "ALTER TABLE {table:table=orders} ALTER COLUMN {column:column=user_id} SET STATISTICS {target:sql=1000};",
        ),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut claims = Vec::new();
        for (at, atom) in wish.atoms.iter().enumerate() {
            let found = match &atom.part {
                Part::Whole(statement @ Statement::Known { op, .. }) if op == "vacuum" || op == "analyze" => {
                    let tables = statement.objects().into_iter().map(|o| o.resolve(wish.catalog)).collect();
                    let sql = atom.text.trim().to_owned();
                    Some((tables, if op == "vacuum" { What::Vacuum { sql } } else { What::Analyze { sql } }))
                }
                Part::Alter { table, action: Alter::Other { op, column, .. } } => {
                    action(op, column.as_ref(), atom.text).map(|what| (vec![table.clone()], what))
                }
                _ => None,
            };
            claims.extend(found.map(|(tables, what)| Claim::one(at, Self { tables, what })));
        }
        claims
    }

    fn title(&self) -> String {
        let on = match self.tables.as_slice() {
            [] => "the whole database".to_owned(),
            tables => tables.iter().map(|t| format!("`{t}`")).collect::<Vec<_>>().join(", "),
        };
        match &self.what {
            What::Vacuum { .. } => format!("Vacuum {on}"),
            What::Analyze { .. } => format!("Analyze {on}"),
            What::ClusterOn { index: Some(index) } => format!("Mark index `{index}` of {on} as the one to cluster on"),
            What::ClusterOn { index: None } => format!("No longer cluster {on} on an index"),
            What::Options { set, reset } => {
                let names: Vec<String> = set.iter().map(|(n, _)| n).chain(reset).map(|n| format!("`{n}`")).collect();
                let verb = if set.is_empty() { "Reset" } else { "Set" };
                format!("{verb} {} of {on}", names.join(", "))
            }
            What::Column { column, how } => {
                let what = match how {
                    Column::Statistics(_) => "statistics target",
                    Column::Storage(_) => "storage",
                    Column::Compression(_) => "compression",
                };
                format!("Set the {what} of `{column}` of {on}")
            }
        }
    }

    fn tables(&self) -> Vec<TableName> {
        self.tables.clone()
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.what {
            What::Vacuum { sql } => {
                self.alone(b, sql, "Reads and writes go on beside it; it collides with DDL, index builds and ANALYZE of the table. It may be stopped and started again at any time.");
                return Ok("as it is: it blocks nobody".to_owned());
            }
            What::Analyze { sql } => {
                self.alone(b, sql, "Reads a sample; reads and writes go on beside it. Plans that are made afterwards use the new statistics.");
                return Ok("as it is: it blocks nobody".to_owned());
            }
            _ => {}
        }
        let Some(name) = self.tables.first() else { return Ok("nothing to do: no table is named".to_owned()) };
        let table = b.catalog.table(name).ok_or_else(|| created_here(name))?;
        match &self.what {
            What::Options { .. } if table.kind == TableKind::Partitioned => {
                return Err(Refusal::new(
                    format!("`{name}` is partitioned: it stores no rows, and the server refuses storage options on it"),
                    "Set the options on each partition.",
                ));
            }
            What::ClusterOn { .. } if table.kind == TableKind::Partitioned => {
                return Err(Refusal::new(
                    format!("`{name}` is partitioned: the server marks no index of it to cluster on"),
                    "Mark the index of each partition.",
                ));
            }
            What::ClusterOn { index } => self.cluster_on(b, table, index.as_ref())?,
            What::Options { set, reset } => self.options(b, table, set, reset),
            What::Column { column, how } => self.column(b, table, column, how),
            What::Vacuum { .. } | What::Analyze { .. } => {}
        }
        Ok("one brief step: only the catalog changes".to_owned())
    }
}

impl Maintenance {
    fn alone(&self, b: &mut Builder, sql: &str, why: &str) {
        let mut draft = Draft::alone(PhaseName::Migrate, Rank::Other, self.title(), sql.to_owned(), b.validating())
            .why(why)
            .undo(Undo::Nothing { because: "What it leaves behind does no harm.".to_owned() })
            .watch("Progress", "SELECT * FROM pg_catalog.pg_stat_progress_vacuum".to_owned());
        draft.tables.clone_from(&self.tables);
        b.push(draft);
    }

    fn step(&self, b: &mut Builder, table: &Table, (to, back): (String, String), done: String, why: &str) {
        let alter = |action: &str| format!("ALTER TABLE {} {action}", b.name(&table.name));
        b.push(
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![alter(&to)], b.brief())
                .why(why)
                .on(&table.name)
                .undo(b.undo_sql(vec![alter(&back)], "Catalog only; brief lock."))
                .done(done)
                .watch("Who holds a lock on the table", probe::lock_holders(&table.name)),
        );
    }

    fn cluster_on(&self, b: &mut Builder, table: &Table, index: Option<&Ident>) -> Result<(), Refusal> {
        if let Some(index) = index
            && table.index(index).is_none()
        {
            return Err(Refusal::new(
                format!("`{}` has no index `{index}` today", table.name),
                "Create the index first, then plan this change.",
            ));
        }
        let words = |index: Option<&Ident>| {
            index.map_or_else(|| "SET WITHOUT CLUSTER".to_owned(), |i| format!("CLUSTER ON {}", b.id(i)))
        };
        let back = match index {
            // Which index was marked before is not in the catalog that was read.
            Some(_) => words(None),
            None => String::new(),
        };
        let done = objects::clustered_on(&table.name, index);
        let why = "Catalog only; it blocks neither reads nor writes, only VACUUM, ANALYZE and other DDL. Rows move when CLUSTER or pg_repack runs.";
        if back.is_empty() {
            let sql = format!("ALTER TABLE {} {}", b.name(&table.name), words(index));
            let draft = Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![sql], b.brief())
                .why(why)
                .on(&table.name)
                .undo(Undo::Nothing {
                    because: "The mark is used by CLUSTER without an index only; `CLUSTER ON` sets it again."
                        .to_owned(),
                })
                .done(done);
            b.push(draft);
        } else {
            self.step(b, table, (words(index), back), done, why);
        }
        Ok(())
    }

    fn options(&self, b: &mut Builder, table: &Table, set: &[(String, String)], reset: &[String]) {
        let was = |name: &str| {
            table.options.iter().find_map(|o| o.split_once('=').filter(|(n, _)| *n == name)).map(|(_, v)| v.to_owned())
        };
        let assigned =
            |pairs: &[(String, String)]| pairs.iter().map(|(n, v)| format!("{n} = {v}")).collect::<Vec<_>>().join(", ");
        let names: Vec<&String> = set.iter().map(|(n, _)| n).chain(reset).collect();
        let again: Vec<(String, String)> = names.iter().filter_map(|n| was(n).map(|v| ((*n).clone(), v))).collect();
        let fresh: Vec<String> = names.iter().filter(|n| was(n).is_none()).map(|n| (*n).clone()).collect();
        let mut forth = Vec::new();
        let mut back = Vec::new();
        for (pairs, gone, out) in [(set, reset, &mut forth), (again.as_slice(), fresh.as_slice(), &mut back)] {
            if !pairs.is_empty() {
                out.push(format!("SET ({})", assigned(pairs)));
            }
            if !gone.is_empty() {
                out.push(format!("RESET ({})", gone.join(", ")));
            }
        }
        let done = objects::options_are(&table.name, set, reset);
        let why = "Catalog only; most options block neither reads nor writes, only VACUUM, ANALYZE and other DDL.";
        self.step(b, table, (forth.join(", "), back.join(", ")), done, why);
        if names.iter().any(|n| *n == "fillfactor") {
            b.finding(Severity::Note, format!("The new fillfactor of `{}` holds for pages that are written from then on; what is there is packed anew by pg_repack, VACUUM FULL or CLUSTER.", table.name));
        }
        if set.iter().any(|(n, v)| {
            n == "autovacuum_enabled"
                && ["false", "off", "0", "no"].contains(&v.trim_matches('\'').to_lowercase().as_str())
        }) {
            b.finding(
                Severity::Danger,
                format!(
                    "Without autovacuum `{}` bloats and its statistics grow old; plan when it is switched on again.",
                    table.name
                ),
            );
        }
    }

    fn column(&self, b: &mut Builder, table: &Table, column: &Ident, how: &Column) {
        let alter = |what: &str| format!("ALTER COLUMN {} SET {what}", b.id(column));
        let known = table.column(column);
        let attribute = |condition: &str| {
            format!(
                "SELECT {condition} FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped",
                regclass(&table.name),
                b.dialect().literal(column.as_str())
            )
        };
        match how {
            Column::Statistics(target) => {
                let was = known.and_then(|c| c.statistics).unwrap_or(-1);
                let pair = (alter(&format!("STATISTICS {target}")), alter(&format!("STATISTICS {was}")));
                let done = attribute(&format!("coalesce(attstattarget, -1) = {target}"));
                self.step(
                    b,
                    table,
                    pair,
                    done,
                    "Catalog only; it blocks neither reads nor writes. The next ANALYZE collects by it.",
                );
                let sql = format!("ANALYZE {} ({})", b.name(&table.name), b.id(column));
                b.push(
                    Draft::alone(PhaseName::Migrate, Rank::Verify, format!("Analyze `{column}` of `{}`", table.name), sql, b.validating())
                        .why("Until then plans rest on the statistics that were collected by the old target. Reads a sample; nobody waits.")
                        .on(&table.name)
                        .undo(Undo::Nothing { because: "Statistics do no harm.".to_owned() }),
                );
            }
            Column::Storage(storage) => {
                let was =
                    known.and_then(|c| c.storage.clone()).or_else(|| known.and_then(|c| usual_storage(&c.data_type)));
                let forth = alter(&format!("STORAGE {}", storage.to_uppercase()));
                let done = probe::column_storage_is(&table.name, column, storage);
                let why = "Catalog only, under a lock that readers feel: brief. Values that are there stay as they are until their row is written anew.";
                match was {
                    Some(was) => {
                        self.step(b, table, (forth, alter(&format!("STORAGE {}", was.to_uppercase()))), done, why)
                    }
                    None => {
                        let sql = format!("ALTER TABLE {} {forth}", b.name(&table.name));
                        let draft = Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![sql], b.brief())
                            .why(why)
                            .on(&table.name)
                            .undo(Undo::Nothing {
                                because:
                                    "The storage of today is not in the catalog that was read; it changes no value."
                                        .to_owned(),
                            })
                            .done(done);
                        b.push(draft);
                    }
                }
            }
            Column::Compression(method) => {
                let letter = method.chars().next().unwrap_or('p');
                let pair = (alter(&format!("COMPRESSION {method}")), alter("COMPRESSION default"));
                let done = attribute(&format!("attcompression = '{letter}'"));
                self.step(b, table, pair, done, "Catalog only, under a lock that readers feel: brief. It holds for values that are written from then on.");
            }
        }
    }
}

/// What a type is stored as where nothing else was said.
fn usual_storage(data_type: &str) -> Option<String> {
    let base = data_type.split('(').next().unwrap_or(data_type);
    let storage = match base {
        "text" | "character varying" | "character" | "jsonb" | "json" | "bytea" | "xml" | "tsvector" => "extended",
        "numeric" => "main",
        "integer" | "bigint" | "smallint" | "boolean" | "uuid" | "date" | "timestamp with time zone" => "plain",
        _ => return None,
    };
    Some(storage.to_owned())
}

fn action(op: &str, column: Option<&Ident>, text: &str) -> Option<What> {
    let mut words = Reader::new(text);
    match op {
        "cluster-on" => {
            words.eat("cluster on");
            words.ident().map(|index| What::ClusterOn { index: Some(index) })
        }
        "set-without-cluster" => Some(What::ClusterOn { index: None }),
        "set-options" => {
            words.eat("set");
            let pair = |p: &&str| {
                let (name, value) = p.split_once('=').unwrap_or((p, "true"));
                (name.trim().to_lowercase(), value.trim().trim_matches('\'').to_owned())
            };
            Some(What::Options { set: pieces(words.parens()?).iter().map(pair).collect(), reset: Vec::new() })
        }
        "reset-options" => {
            words.eat("reset");
            let reset = pieces(words.parens()?).iter().map(|n| n.trim().to_lowercase()).collect();
            Some(What::Options { set: Vec::new(), reset })
        }
        "set-statistics" | "set-storage" | "set-compression" => {
            words.up_to(&["set"]);
            words.skip();
            words.skip();
            let value = words.rest().trim().to_lowercase();
            let how = match op {
                "set-statistics" if value == "default" => Column::Statistics(-1),
                "set-statistics" => Column::Statistics(value.parse().ok()?),
                "set-storage" if value != "default" => Column::Storage(value),
                "set-compression" if value != "default" => Column::Compression(value),
                _ => return None,
            };
            Some(What::Column { column: column?.clone(), how })
        }
        _ => None,
    }
}
