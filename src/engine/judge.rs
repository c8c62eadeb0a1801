//! Statement + catalog → [`Verdict`]. Decides which condition of the fact table holds; what follows from it stands in the table.

mod action;
mod alter;
mod column;
mod constraint;
mod data;
mod data_type;
mod index;
mod known;
mod object;
mod partition;
mod rest;
mod sequence;
mod set_type;
mod table;
mod view;

use super::effect::{Effect, Extent, Roles, Values};
use super::facts::Role;
use super::relations;
use super::verdict::{Session, Verdict};
use crate::model::{Catalog, Engine, Ident, LockMode, Table, TableName, Work};
use crate::sql::{ObjectName, Statement};

/// What `statement` would do if it were sent now. Pure: no statement is too strange to be judged, the unknown is said to be unknown.
pub fn judge(statement: &Statement, catalog: &Catalog, session: &Session) -> Verdict {
    if let Statement::Mysql(statement) = statement {
        return super::mysql::judge(statement, catalog, session);
    }
    if catalog.server.engine != Engine::Postgresql {
        return super::mysql::judge_common(statement, catalog, session);
    }
    let mut judge = Judge { catalog, session, effect: Effect::new(catalog.server.version.major) };
    judge.statement(statement);
    judge.warn();
    judge.effect.verdict()
}

/// The verdict in the making and what it is made from.
struct Judge<'a> {
    catalog: &'a Catalog,
    session: &'a Session,
    effect: Effect,
}

impl<'a> Judge<'a> {
    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::AlterTable { table, only, if_exists, actions } => {
                self.alter_table(table, *only, *if_exists, actions);
            }
            Statement::CreateIndex(create) => self.create_index(create),
            Statement::DropIndex { names, concurrently, if_exists, cascade } => {
                self.drop_indexes(names, *concurrently, *if_exists, *cascade);
            }
            Statement::AlterIndex { name, if_exists, action } => self.alter_index(name, *if_exists, action),
            Statement::Update(update) => self.update(update),
            Statement::Delete { table, filter } => self.delete(table, filter.as_ref()),
            Statement::Insert { table, columns, from } => self.insert(table, columns, from),
            Statement::Select => self.simply("select", &[]),
            Statement::CreateTable {
                table,
                if_not_exists,
                columns,
                constraints,
                partition_of,
                bounds,
                like,
                inherits,
                ..
            } => {
                let partition = (partition_of.as_ref(), bounds.as_str());
                self.create_table(table, *if_not_exists, columns, constraints, partition, (like, inherits));
            }
            Statement::DropTable { tables, if_exists, cascade } => {
                self.drop_tables(tables, *if_exists, *cascade, false);
            }
            Statement::CreateTrigger { name, table, or_replace, definition, .. } => {
                self.create_trigger(name, table, *or_replace, definition);
            }
            Statement::DropTrigger { name, table, if_exists } => self.drop_trigger(name, table, *if_exists),
            Statement::CreateFunction { .. } => self.simply("create-function", &[]),
            Statement::DropFunction { name, cascade, .. } => self.drop_function(name, *cascade),
            Statement::CreateView(view) => self.create_view(view),
            Statement::DropView { names, materialized, if_exists, cascade } => {
                self.drop_views(names, *materialized, *if_exists, *cascade);
            }
            Statement::Move(moved) => self.moved(moved),
            Statement::CreateSequence { .. } => self.simply("create-sequence", &[]),
            Statement::AlterSequence { name, options } => self.alter_sequence(name, options),
            Statement::CreateType(create) => self.create_type(create),
            Statement::AlterType(alter) => self.alter_type(alter),
            Statement::AlterDomain(alter) => self.alter_domain(alter),
            Statement::Comment { on, table, .. } => self.comment(on, table.as_ref()),
            Statement::Set { .. } => self.simply("set", &[]),
            Statement::Transaction { .. } => self.simply("transaction", &[]),
            Statement::Known { op, target, also, rest, .. } => {
                self.known(op, target.as_ref(), also, rest);
            }
            // Another engine's statement is judged by its own code, above.
            Statement::Mysql(_) => {}
            Statement::Opaque { because } => self.effect.opaque(&Roles::new(), because),
        }
    }

    /// An operation without conditions of its own.
    fn simply(&mut self, op: &str, target: &[TableName]) {
        let roles = roles([(Role::Target, target.to_vec())]);
        let extent = Extent::of(target.iter().filter_map(|t| self.catalog.table(t)));
        let table = target.first().map(ToString::to_string).unwrap_or_default();
        self.effect.apply(op, "always", &roles, extent, &values([("table", table)]));
    }

    /// The table, or the refusal that the server would answer with.
    fn find(&mut self, name: &ObjectName) -> Option<&'a Table> {
        let catalog = self.catalog;
        let table = name.table(catalog);
        if table.is_none() {
            // A view or an index of that name is there, but it is no table.
            let full = name.resolve(catalog);
            let other = self.is_relation(&full)
                || catalog.index_owner(name.schema.as_ref(), &name.name).is_some()
                || catalog.view_of_index(name.schema.as_ref(), &name.name).is_some();
            let code = if other { "42809" } else { "42P01" };
            self.effect.refuse(format!("there is no table `{name}` ({code})"));
        }
        table
    }

    /// Hazards that follow from the locks and the work, whatever the statement.
    fn warn(&mut self) {
        let Some(target) = self.effect.tables.first().cloned() else { return };
        let table = target.to_string();
        let strongest = self.effect.strongest();
        if self.effect.lock_on(&target) == Some(LockMode::AccessExclusive) {
            self.effect.raise("lock-queue", &[("table", table.clone())]);
        }
        let work = self.effect.work;
        let with_work = [("table", table.clone()), ("work", work.to_string())];
        if matches!(work, Work::Scan | Work::IndexBuild | Work::Rewrite | Work::Unknown) {
            match strongest {
                Some(LockMode::AccessExclusive) => self.effect.raise("reads-blocked", &with_work),
                Some(mode) if mode >= LockMode::Share => self.effect.raise("writes-blocked", &with_work),
                _ => return,
            }
        }
        let table = [("table", table)];
        match work {
            Work::Rewrite => self.effect.raise("table-rewrite", &table),
            Work::Scan => self.effect.raise("long-scan-under-lock", &table),
            Work::IndexBuild => self.effect.raise("index-build-blocks-writes", &table),
            Work::None | Work::Catalog | Work::Unknown => {}
        }
    }

    /// The time zone that the statement would run under.
    fn timezone(&self) -> Option<&str> {
        let of_server = || {
            let settings = &self.catalog.server.settings;
            settings.iter().find(|(name, _)| name.eq_ignore_ascii_case("timezone")).map(|(_, zone)| zone)
        };
        self.session.settings.get("timezone").or_else(of_server).map(String::as_str)
    }

    /// Hazards of a change that clients of the table notice.
    fn clients_notice(&mut self, table: &Table) {
        self.effect.raise("cached-plans", &[("table", table.name.to_string())]);
        let publications: Vec<String> = self
            .catalog
            .publications
            .iter()
            .filter(|p| p.all_tables || p.tables.iter().any(|t| t.table == table.name))
            .map(|p| p.name.to_string())
            .collect();
        if !publications.is_empty() {
            let values = [("table", table.name.to_string()), ("publications", publications.join(", "))];
            self.effect.raise("logical-replication", &values);
        }
    }

    /// Functions whose text names the table, for changes of names.
    fn functions_notice(&mut self, table: &TableName) {
        let catalog = self.catalog;
        for function in catalog.functions_naming(table) {
            let values = [("function", function.name.to_string()), ("table", table.to_string())];
            self.effect.raise("function-names-table", &values);
        }
    }
}

fn roles<const N: usize>(list: [(Role, Vec<TableName>); N]) -> Roles {
    list.into_iter().collect()
}

fn values<const N: usize>(list: [(&'static str, String); N]) -> Values {
    list.into_iter().collect()
}

/// `a`, `b` and `c` for people.
fn listed<'n>(names: impl IntoIterator<Item = &'n Ident>) -> String {
    names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// True unless the statistics say that the table is empty or nothing is known.
fn has_rows(family: &[&Table]) -> bool {
    family.iter().any(|t| t.stats.rows.is_some_and(|r| r > 0) || t.stats.heap_bytes > 0)
}

/// Target and children of a statement on a table.
fn with_children(catalog: &Catalog, table: &Table) -> Roles {
    roles([
        (Role::Target, vec![table.name.clone()]),
        (Role::Children, relations::names(relations::descendants(catalog, &table.name))),
    ])
}
