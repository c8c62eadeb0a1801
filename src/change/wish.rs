//! The script as a whole, cut into the pieces that change kinds claim.

use crate::model::{Catalog, Ident, Table, TableName};
use crate::sql::mysql::statement::{AlterTable, Spec, Statement as Mysql};
use crate::sql::{Alter, Script, Statement};
use std::ops::Range;

/// One piece: an action of an ALTER TABLE, or a whole statement.
#[derive(Debug, Clone)]
pub struct Atom<'a> {
    pub span: Range<usize>,
    pub text: &'a str,
    /// Index of its statement in the script.
    pub statement: usize,
    pub part: Part<'a>,
}

#[derive(Debug, Clone)]
pub enum Part<'a> {
    Alter {
        table: TableName,
        action: &'a Alter,
    },
    /// A specification of an ALTER TABLE of MySQL or MariaDB.
    Spec {
        table: TableName,
        alter: &'a AlterTable,
        spec: &'a Spec,
    },
    Whole(&'a Statement),
}

/// What recognisers look at.
pub struct Wish<'a> {
    /// The database as it is.
    pub catalog: &'a Catalog,
    /// The database as the script would leave it.
    pub target: &'a Catalog,
    pub script: &'a Script,
    pub atoms: Vec<Atom<'a>>,
}

/// The pieces a change takes for itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim<K> {
    /// Indexes into [`Wish::atoms`], ascending.
    pub atoms: Vec<usize>,
    pub change: K,
}

impl<K> Claim<K> {
    pub fn one(atom: usize, change: K) -> Self {
        Self { atoms: vec![atom], change }
    }
    pub fn map<L>(self, f: impl FnOnce(K) -> L) -> Claim<L> {
        Claim { atoms: self.atoms, change: f(self.change) }
    }
}

impl<'a> Wish<'a> {
    /// Session and transaction statements are no pieces: the plan has its own timeouts and transactions.
    pub fn atoms_of(script: &'a Script, catalog: &Catalog) -> Vec<Atom<'a>> {
        let mut atoms = Vec::new();
        for (index, located) in script.statements.iter().enumerate() {
            match &located.statement {
                Statement::Set { .. } | Statement::Transaction { .. } | Statement::Select => {}
                Statement::AlterTable { table, actions, .. } => {
                    let table = table.resolve(catalog);
                    atoms.extend(actions.iter().map(|a| Atom {
                        span: a.span.clone(),
                        text: a.text.as_str(),
                        statement: index,
                        part: Part::Alter { table: table.clone(), action: &a.action },
                    }));
                }
                Statement::Mysql(statement) if matches!(**statement, Mysql::AlterTable(_)) => {
                    let Mysql::AlterTable(alter) = &**statement else { continue };
                    let table = alter.table.resolve(catalog);
                    atoms.extend(alter.specs.iter().map(|spec| Atom {
                        span: spec.span.clone(),
                        text: spec.text.as_str(),
                        statement: index,
                        part: Part::Spec { table: table.clone(), alter, spec },
                    }));
                }
                whole => atoms.push(Atom {
                    span: located.span.clone(),
                    text: located.text.as_str(),
                    statement: index,
                    part: Part::Whole(whole),
                }),
            }
        }
        atoms
    }

    /// Every ALTER TABLE action with its place among the atoms.
    pub fn alters(&self) -> impl Iterator<Item = (usize, &TableName, &'a Alter)> {
        self.atoms.iter().enumerate().filter_map(|(i, a)| match &a.part {
            Part::Alter { table, action } => Some((i, table, *action)),
            Part::Spec { .. } | Part::Whole(_) => None,
        })
    }

    pub fn statements(&self) -> impl Iterator<Item = (usize, &'a Statement)> {
        self.atoms.iter().enumerate().filter_map(|(i, a)| match &a.part {
            Part::Whole(statement) => Some((i, *statement)),
            Part::Alter { .. } | Part::Spec { .. } => None,
        })
    }

    /// The table as it is today; none if the script itself creates it.
    pub fn table(&self, name: &TableName) -> Option<&'a Table> {
        self.catalog.table(name)
    }

    /// The user's text of some atoms, whole statements where all of a statement's actions are among them.
    pub fn text_of(&self, atoms: &[usize]) -> String {
        let mut texts: Vec<String> = Vec::new();
        let mut last = None;
        for atom in atoms.iter().filter_map(|i| self.atoms.get(*i)) {
            let Some(statement) = self.script.statements.get(atom.statement) else { continue };
            let all_claimed = self
                .atoms
                .iter()
                .enumerate()
                .filter(|(_, a)| a.statement == atom.statement)
                .all(|(i, _)| atoms.contains(&i));
            match &atom.part {
                Part::Alter { .. } | Part::Spec { .. } if all_claimed => {
                    if last != Some(atom.statement) {
                        texts.push(statement.text.clone());
                    }
                }
                Part::Alter { table, .. } | Part::Spec { table, .. } => {
                    texts.push(format!("ALTER TABLE {table} {}", atom.text));
                }
                Part::Whole(_) => texts.push(atom.text.to_owned()),
            }
            last = Some(atom.statement);
        }
        texts.join(";\n")
    }

    /// Whether the column is there today, before the script runs.
    pub fn column_exists(&self, table: &TableName, column: &Ident) -> bool {
        self.table(table).is_some_and(|t| t.column(column).is_some())
    }
}
