//! ALTER TABLE, specification by specification: which operation of the fact table each is, under which condition, and what the
//! server would refuse whatever the table says.

mod column;
mod index;
mod key;
mod modify;
mod option;
mod partition;

use super::known::{self, Known, same};
use crate::model::{Ident, LockMode, Table, TableName};
use crate::sql::mysql::statement::{Action, IndexKind};
use std::collections::BTreeMap;

/// One row to look up, with the values of its words.
#[derive(Debug, Clone)]
pub struct Finding {
    pub op: &'static str,
    pub when: &'static str,
    pub values: BTreeMap<&'static str, String>,
}

/// A hazard with its values.
pub type Raised = (&'static str, Vec<(&'static str, String)>);

pub struct Gather<'a> {
    pub known: Known<'a>,
    pub table: &'a Table,
    pub actions: Vec<&'a Action>,
    pub findings: Vec<Finding>,
    /// The server's answer, in our words.
    pub refused: Option<String>,
    pub raised: Vec<Raised>,
    /// Tables at the other end of a foreign key.
    pub others: Vec<(TableName, LockMode)>,
    /// A specification that nobody understands.
    pub unknown: Option<String>,
}

impl<'a> Gather<'a> {
    pub fn new(known: Known<'a>, table: &'a Table, actions: Vec<&'a Action>) -> Self {
        let mut gather = Self {
            known,
            table,
            actions,
            findings: Vec::new(),
            refused: None,
            raised: Vec::new(),
            others: Vec::new(),
            unknown: None,
        };
        for action in gather.actions.clone() {
            gather.action(action);
        }
        if gather.actions.is_empty() {
            gather.find("nothing", "always");
        }
        gather
    }

    fn action(&mut self, action: &'a Action) {
        match action {
            Action::AddColumn { column, position, if_not_exists } => {
                self.add_column(column, position.as_ref(), *if_not_exists);
            }
            Action::DropColumn { column, if_exists } => self.drop_column(column, *if_exists),
            Action::ModifyColumn { column, position, if_exists } => {
                self.modify(&column.name, column, position.as_ref(), *if_exists);
            }
            Action::ChangeColumn { from, column, position, if_exists } => {
                self.modify(from, column, position.as_ref(), *if_exists);
            }
            Action::RenameColumn { from, to, if_exists } => {
                if *if_exists && known::column(self.table, from).is_none() && self.known.is_mariadb() {
                    return self.find_of("drop-column", "absent", from);
                }
                self.find_of("rename-column", "rename-syntax", from);
                if self.known.is_mariadb() || self.known.mysql_since(8, 0, 0) {
                    self.rename_column(from, to);
                }
            }
            Action::SetDefault { column, .. } | Action::DropDefault { column, .. } => {
                if self.expect_column(column) {
                    self.find_of("set-default", "plain", column);
                }
            }
            Action::SetColumnVisible { column, .. } => {
                if self.expect_column(column) {
                    self.find_of("column-words", "visibility", column);
                }
            }
            Action::AddIndex(index) if index.kind == IndexKind::Primary => self.add_primary_key(index),
            Action::AddIndex(index) => self.add_index(index),
            Action::DropIndex { name, .. } if name.as_str().eq_ignore_ascii_case("primary") => self.drop_primary_key(),
            Action::DropIndex { name, if_exists } => self.drop_index(name, *if_exists),
            Action::RenameIndex { from, to, .. } => self.rename_index(from, to),
            Action::SetIndexVisible { name, .. } => self.index_visible(name),
            Action::AddPrimaryKey(index) => self.add_primary_key(index),
            Action::DropPrimaryKey => self.drop_primary_key(),
            Action::AddForeignKey(key) => self.add_foreign_key(key, false),
            Action::DropForeignKey { name, if_exists } => self.drop_foreign_key(name, *if_exists),
            Action::AddCheck(check) => self.add_check(check),
            Action::SetCheckEnforced { name, enforced } => self.enforce_check(name, *enforced),
            Action::DropConstraint { name, if_exists } => self.drop_constraint(name, *if_exists),
            Action::RenameTable { to } => self.rename_table(to),
            Action::ConvertCharset { charset, collation } => self.convert(charset, collation.as_deref()),
            Action::Option { name, value } => self.option(name, value),
            Action::Force => self.find("rebuild-table", "plain"),
            Action::OrderBy { .. } => self.find("order-by", "plain"),
            Action::EnableKeys { .. } => self.find("keys", "always"),
            Action::Tablespace { .. } => self.find("tablespace", "always"),
            Action::Partition(action) => self.partition(action),
            Action::SystemVersioning { .. } | Action::Period { .. } => self.find("system-versioning", "always"),
            Action::Unknown { because } => {
                self.unknown.get_or_insert_with(|| because.clone());
            }
        }
    }

    pub fn find(&mut self, op: &'static str, when: &'static str) {
        self.find_with(op, when, &[]);
    }

    fn find_of(&mut self, op: &'static str, when: &'static str, column: &Ident) {
        self.find_with(op, when, &[("column", column.to_string())]);
    }

    fn find_with(&mut self, op: &'static str, when: &'static str, values: &[(&'static str, String)]) {
        let mut all: BTreeMap<&'static str, String> = values.iter().cloned().collect();
        all.insert("table", self.table.name.to_string());
        all.insert("engine", known::engine_name(self.table));
        self.findings.push(Finding { op, when, values: all });
    }

    /// The first refusal is the one the server answers with.
    pub fn refuse(&mut self, why: impl Into<String>) {
        self.refused.get_or_insert(why.into());
    }

    pub fn raise(&mut self, id: &'static str, values: &[(&'static str, String)]) {
        self.raised.push((id, values.to_vec()));
    }

    fn table_value(&self) -> (&'static str, String) {
        ("table", self.table.name.to_string())
    }

    fn is_innodb(&self) -> bool {
        known::is_innodb(self.table)
    }

    /// Other specifications than this one and the indexes beside it.
    fn beside_others(&self) -> bool {
        let others = self.actions.iter().filter(|a| !matches!(a, Action::AddIndex(_)));
        others.count() > 1
    }

    fn added(&self, name: &Ident) -> bool {
        self.actions.iter().any(|a| match a {
            Action::AddColumn { column, .. } => same(&column.name, name),
            Action::ChangeColumn { column, .. } => same(&column.name, name),
            Action::RenameColumn { to, .. } => same(to, name),
            _ => false,
        })
    }

    fn dropped(&self, name: &Ident) -> bool {
        self.actions.iter().any(|a| matches!(a, Action::DropColumn { column, .. } if same(column, name)))
    }

    fn drops_index(&self, name: &Ident) -> bool {
        self.actions.iter().any(|a| match a {
            Action::DropIndex { name: dropped, .. } | Action::DropConstraint { name: dropped, .. } => {
                same(dropped, name)
            }
            _ => false,
        })
    }

    pub fn drops_primary(&self) -> bool {
        self.actions.iter().any(|a| match a {
            Action::DropPrimaryKey => true,
            Action::DropIndex { name, .. } => name.as_str().eq_ignore_ascii_case("primary"),
            _ => false,
        })
    }

    fn adds_primary(&self) -> bool {
        self.actions.iter().any(|a| match a {
            Action::AddPrimaryKey(_) => true,
            Action::AddIndex(index) => index.kind == IndexKind::Primary,
            Action::AddColumn { column, .. } => column.primary,
            _ => false,
        })
    }

    fn drops_foreign_key(&self, name: &Ident) -> bool {
        self.actions.iter().any(|a| match a {
            Action::DropForeignKey { name: dropped, .. } | Action::DropConstraint { name: dropped, .. } => {
                same(dropped, name)
            }
            _ => false,
        })
    }

    /// The column is there, or comes with the same statement; else the refusal that the server would answer with.
    fn expect_column(&mut self, name: &Ident) -> bool {
        let there = known::column(self.table, name).is_some();
        if !there {
            self.refuse(format!("`{}` has no column `{name}` (1054)", self.table.name));
        }
        there
    }

    /// What of the table stands in the way of its cheapest change, and makes its rebuild dearer.
    pub fn obstacle(&self) -> &'static str {
        let table = self.table;
        let fulltext = |i: &&crate::model::Index| i.method.eq_ignore_ascii_case("fulltext");
        let goes =
            |i: &crate::model::Index| self.drops_index(&i.name) || i.keys.iter().flatten().any(|k| self.dropped(k));
        let leaving: Vec<Ident> = self
            .actions
            .iter()
            .filter_map(|a| match a {
                Action::DropColumn { column, .. } => Some(column.clone()),
                Action::DropIndex { name, .. } => Some(name.clone()),
                _ => None,
            })
            .collect();
        if !self.is_innodb() {
            "other-engine"
        } else if table.indexes.iter().filter(fulltext).any(|i| !goes(i)) {
            "fulltext"
        } else if table.indexes.iter().any(|i| i.method.eq_ignore_ascii_case("spatial") && !goes(i)) {
            "spatial"
        } else if table.indexes.iter().any(|i| fulltext(&i))
            || table.mysql.as_ref().is_some_and(|m| m.fulltext_id == Some(true))
        {
            "fulltext-once"
        } else if known::has_indexed_virtual(table, &leaving) {
            "virtual-indexed"
        } else {
            "plain"
        }
    }

    /// What of the table makes a copy block writers even where copies do not.
    pub fn copying(&self) -> &'static str {
        let cascades = |c: &crate::model::Constraint| {
            let actions = c.definition.to_ascii_uppercase();
            ["ON DELETE CASCADE", "ON DELETE SET NULL", "ON UPDATE CASCADE", "ON UPDATE SET NULL"]
                .iter()
                .any(|a| actions.contains(a))
        };
        let counts = self
            .findings
            .iter()
            .any(|f| matches!((f.op, f.when), ("change-type", "auto-increment-on") | ("add-column", "auto-increment")));
        if !self.is_innodb() {
            "other-engine"
        } else if counts {
            "auto-increment"
        } else if self.table.foreign_keys().any(|(c, _)| cascades(c)) {
            "cascades"
        } else {
            "plain"
        }
    }

    /// An instant addition or drop of a column is not to be had on this table.
    pub fn layout_is_fixed(&self) -> bool {
        let at_limit = self.known.row_version_limit().is_some_and(|limit| {
            self.table.mysql.as_ref().and_then(|m| m.row_versions).is_some_and(|used| used >= limit)
        });
        at_limit
            || known::row_format_is(self.table, "compressed")
            || match self.obstacle() {
                "plain" | "spatial" => false,
                "virtual-indexed" => self.known.is_mariadb(),
                _ => true,
            }
    }
}
