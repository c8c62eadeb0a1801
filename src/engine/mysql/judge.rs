//! Statement + catalog → verdict. Decides which condition of the fact table holds; what follows from it stands in the table.

mod alter;
mod rows;
mod table;

pub(super) use alter::needed;

use super::facts;
use super::gather::{Finding, Gather};
use super::known::{self, Known};
use super::weigh::words;
use crate::engine::effect::{Effect, Extent, Roles};
use crate::engine::{Session, Verdict};
use crate::model::{Catalog, LockMode, Table, TableName, Work};
use crate::sql;
use crate::sql::ObjectName;
use crate::sql::mysql::statement::{Maintenance, Statement};

/// What `statement` would do if it were sent now. Pure.
pub fn judge(statement: &Statement, catalog: &Catalog, session: &Session) -> Verdict {
    let mut judge = Judge::new(catalog, session);
    judge.statement(statement);
    judge.effect.verdict()
}

/// A statement that every engine has: settings, transactions, queries, and what may be anything.
pub fn judge_common(statement: &sql::Statement, catalog: &Catalog, session: &Session) -> Verdict {
    let mut judge = Judge::new(catalog, session);
    match statement {
        sql::Statement::Opaque { because } => judge.effect.opaque(&Roles::new(), because),
        sql::Statement::Select => judge.effect.say("reads, and blocks nobody who writes".into()),
        sql::Statement::Set { .. } => judge.effect.say("changes a setting of the session".into()),
        sql::Statement::Transaction { .. } => judge.effect.say("begins or ends a transaction".into()),
        _ => judge.effect.opaque(&Roles::new(), "another engine's statement"),
    }
    judge.effect.verdict()
}

/// The verdict in the making and what it is made from.
struct Judge<'a> {
    known: Known<'a>,
    effect: Effect,
}

impl<'a> Judge<'a> {
    fn new(catalog: &'a Catalog, session: &'a Session) -> Self {
        Self { known: Known { catalog, session }, effect: Effect::new(catalog.server.version.major) }
    }

    fn catalog(&self) -> &'a Catalog {
        self.known.catalog
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::AlterTable(alter) => self.alter(alter),
            Statement::CreateTable(create) => self.create_table(create),
            Statement::DropTable { tables, if_exists, temporary } => self.drop_tables(tables, *if_exists, *temporary),
            Statement::RenameTables { pairs } => self.rename_tables(pairs),
            Statement::Truncate { table } => self.truncate(table),
            Statement::Update(rows) => self.change_rows("update", rows),
            Statement::Delete(rows) => self.change_rows("delete", rows),
            Statement::Insert { table, columns, from, .. } => self.insert(table, columns, from),
            Statement::CreateTrigger { name, table, .. } => self.create_trigger(name, table),
            Statement::DropTrigger { name, if_exists } => self.drop_trigger(name, *if_exists),
            Statement::CreateView { name, or_replace, .. } => self.create_view(name, *or_replace),
            Statement::DropView { names, if_exists } => self.drop_views(names, *if_exists),
            Statement::Maintain { verb, tables } => {
                for table in tables {
                    self.maintain(*verb, table);
                }
            }
            Statement::Other { op, target } => self.other(op, target.as_ref()),
        }
    }

    /// The row of `op` under `when`, its words said, its work put on `tables`.
    fn apply(&mut self, op: &'static str, when: &'static str, tables: &[TableName], other: &str) {
        let known = self.known;
        let Some(fact) = facts::fact(known.engine(), op, when, known.version()) else {
            return self.opaque(tables, &format!("no fact says what `{op}` does on {}", known.catalog.server));
        };
        let finding = Finding { op, when, values: words_of(known, tables.first(), other) };
        self.effect.rest_on(format!("{op}/{when}"), facts::page(known.engine(), known.version(), &fact.doc));
        if let Some(fails) = &fact.fails {
            self.effect.refuse(words(fails, &finding));
        }
        for name in tables {
            let mode = match fact.class {
                facts::Class::None => continue,
                facts::Class::Swap => LockMode::MetadataExclusive,
                facts::Class::Rows => LockMode::MetadataWrite,
                facts::Class::Read => LockMode::MetadataRead,
                _ => LockMode::MetadataUpgradable,
            };
            self.effect.lock(name, mode);
        }
        let there: Vec<&Table> = tables.iter().filter_map(|t| self.catalog().table(t)).collect();
        let extent = Extent::of(there);
        self.effect.weigh(fact.work(), &extent);
        if fact.class != facts::Class::Rows {
            self.effect.fall_on(fact.work(), &Roles::new(), extent);
        }
        self.effect.say(words(&fact.why, &finding));
        // It ends whatever transaction is open.
        if matches!(fact.class, facts::Class::Swap | facts::Class::Read) {
            self.effect.send_alone();
        }
    }

    fn opaque(&mut self, tables: &[TableName], because: &str) {
        for name in tables {
            self.effect.lock(name, LockMode::MetadataExclusive);
        }
        self.effect.opaque(&Roles::new(), because);
    }

    /// The table, or the refusal that the server would answer with.
    fn expect(&mut self, name: &ObjectName) -> Option<&'a Table> {
        let table = name.table(self.catalog());
        if table.is_none() {
            let full = name.resolve(self.catalog());
            let why = if self.is_view(&full) {
                format!("`{full}` is a view, no table (1347)")
            } else {
                format!("there is no table `{full}` (1146)")
            };
            self.effect.refuse(why);
        }
        table
    }

    fn is_view(&self, name: &TableName) -> bool {
        self.catalog().views.iter().any(|v| v.name == *name)
    }

    /// A moment's exclusive lock still waits for whoever reads.
    fn queue(&mut self, table: &TableName) {
        self.effect.raise("metadata-lock-queue", &[("table", table.to_string())]);
    }

    fn maintain(&mut self, verb: Maintenance, name: &ObjectName) {
        let Some(table) = self.expect(name) else { return };
        let target = [table.name.clone()];
        match verb {
            Maintenance::Optimize if known::is_innodb(table) => {
                let force = sql::mysql::statement::Action::Force;
                let gather = Gather::new(self.known, table, vec![&force]);
                self.altered(&gather, None, None, false);
                self.apply("maintain-table", "optimize", &[], "");
            }
            Maintenance::Optimize => {
                self.apply("maintain-table", "optimize-other-engine", &target, "");
                self.effect.lock(&table.name, LockMode::MetadataNoReadWrite);
                let work = Work::Rewrite.to_string();
                self.effect.raise("reads-blocked", &[("table", table.name.to_string()), ("work", work)]);
            }
            Maintenance::Analyze => self.apply("maintain-table", "analyze", &target, ""),
            Maintenance::Check => self.apply("maintain-table", "check", &target, ""),
            Maintenance::Repair => self.apply("maintain-table", "repair", &target, ""),
        }
        self.queue(&table.name);
    }

    fn other(&mut self, op: &str, target: Option<&ObjectName>) {
        let named: Vec<TableName> =
            target.and_then(|t| t.table(self.catalog())).map(|t| t.name.clone()).into_iter().collect();
        match op {
            "select-for-update" => {
                self.effect.say("every row that it reads is locked until the transaction ends".into());
                for name in &named {
                    self.effect.lock(name, LockMode::MetadataWrite);
                }
            }
            "lock-tables" => {
                self.effect.say("the table is locked until UNLOCK TABLES or the end of the session".into());
                for name in &named {
                    self.effect.lock(name, LockMode::MetadataNoReadWrite);
                }
                self.effect.weigh(Work::Unknown, &Extent::default());
            }
            op if op.starts_with("load") || op.starts_with("import") || op.starts_with("binlog") => {
                self.opaque(&named, "how much it reads and writes is in a file");
            }
            _ => self.apply("other-object", "always", &[], ""),
        }
    }
}

fn words_of(known: Known, table: Option<&TableName>, other: &str) -> std::collections::BTreeMap<&'static str, String> {
    let engine = table.and_then(|t| known.catalog.table(t)).map(known::engine_name).unwrap_or_default();
    let table = table.map(ToString::to_string).unwrap_or_default();
    [("table", table), ("other", other.to_owned()), ("engine", engine)].into_iter().collect()
}
