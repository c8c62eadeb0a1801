//! New names for constraints, indexes, sequences, functions and schemas: what the server follows by
//! identity is renamed briefly; what code spells and no second name can stand in for is refused.

use super::form::Spec;
use super::rename_view::moves;
use super::wish::{Claim, Wish};
use super::{Kind, Refusal, created_here};
use crate::engine::emit::probe;
use crate::model::objects::ViewKind;
use crate::model::{ConstraintKind, Ident, TableName};
use crate::plan::build::Builder;
use crate::plan::draft::{Draft, Key, Rank};
use crate::plan::needs::{Mark, Need, Placement, Rule, Slot};
use crate::plan::{PhaseName, Severity};
use crate::sql::statement::AlterIndexAction;
use crate::sql::{Alter, Statement};

#[derive(Debug, Clone, PartialEq)]
pub struct RenameObject {
    object: Object,
    from: TableName,
    to: TableName,
}

#[derive(Debug, Clone, PartialEq)]
enum Object {
    /// Of this table; `from` and `to` are its siblings.
    Constraint(TableName),
    Index(TableName),
    Sequence,
    /// With its arguments.
    Function(String),
    Schema,
    /// Written in a way that has no recipe: `foreign table`, `aggregate`.
    Other(String),
}

impl Kind for RenameObject {
    const NAME: &'static str = "rename-object";
    const TITLE: &'static str = "Rename a constraint, index, sequence, function or schema";
    const FORMS: &'static [Spec] = &[
        (
            "Rename a constraint",
            "ALTER TABLE {table:table=users} RENAME CONSTRAINT {constraint:constraint=users_email_key} TO {new name:new=users_email_unique};",
        ),
        ("Rename an index", "ALTER INDEX {index:index=orders_user_id_idx} RENAME TO {new name:new=orders_by_user};"),
    ];

    fn recognise(wish: &Wish) -> Vec<Claim<Self>> {
        let mut found: Vec<Claim<Self>> = wish
            .alters()
            .filter_map(|(at, table, action)| match action {
                Alter::RenameConstraint { from, to } => {
                    let (from, to) = (table.sibling(&from.0), table.sibling(&to.0));
                    Some(Claim::one(at, Self { object: Object::Constraint(table.clone()), from, to }))
                }
                _ => None,
            })
            .collect();
        let owner = |schema: Option<&Ident>, name: &Ident| {
            wish.catalog.index_owner(schema, name).map(|(t, i)| (t.name.clone(), t.name.sibling(&i.name.0)))
        };
        found.extend(wish.statements().filter_map(|(at, statement)| match statement {
            Statement::AlterIndex { name, action: AlterIndexAction::Rename { to }, .. } => {
                let (table, from) = owner(name.schema.as_ref(), &name.name)?;
                let to = table.sibling(&to.0);
                Some(Claim::one(at, Self { object: Object::Index(table), from, to }))
            }
            _ => None,
        }));
        found.extend(moves(wish).filter_map(|(at, object, from, to)| {
            let to = to.of(&from);
            let is_view = wish.catalog.views.iter().any(|v| v.name == from && v.kind != ViewKind::Rule);
            let object = match object.as_str() {
                "" if wish.catalog.sequences.iter().any(|s| s.name == from) => Object::Sequence,
                "" => Object::Index(owner(Some(&from.schema), &from.name)?.0),
                "view" | "materialized-view" if is_view => return None,
                "sequence" => Object::Sequence,
                "schema" => Object::Schema,
                "function" | "procedure" | "routine" => {
                    let moved = wish.atoms.get(at).and_then(|a| wish.script.statements.get(a.statement));
                    match moved.map(|l| &l.statement) {
                        Some(Statement::Move(m)) => Object::Function(m.arguments.clone()),
                        _ => return None,
                    }
                }
                other => Object::Other(other.replace('-', " ")),
            };
            Some(Claim::one(at, Self { object, from, to }))
        }));
        found
    }

    fn title(&self) -> String {
        let (from, to) = (&self.from.name, &self.to.name);
        let what = match &self.object {
            Object::Constraint(table) => return format!("Rename constraint `{from}` of `{table}` to `{to}`"),
            Object::Index(table) => return format!("Rename index `{from}` of `{table}` to `{to}`"),
            Object::Sequence => "sequence",
            Object::Function(_) => "function",
            Object::Schema => return format!("Rename schema `{from}` to `{to}`"),
            Object::Other(what) => what,
        };
        format!("Rename {what} `{}` to `{}`", self.from, self.to)
    }

    fn tables(&self) -> Vec<TableName> {
        match &self.object {
            Object::Constraint(table) | Object::Index(table) => vec![table.clone()],
            _ => Vec::new(),
        }
    }

    fn plan(&self, b: &mut Builder) -> Result<String, Refusal> {
        match &self.object {
            Object::Constraint(table) => self.constraint(b, table),
            Object::Index(table) => self.index(b, table),
            Object::Sequence => self.sequence(b),
            Object::Function(arguments) => self.function(b, arguments),
            Object::Schema => self.schema(b),
            Object::Other(what) if what.ends_with("view") => {
                Err(Refusal::new(format!("there is no {what} `{}`", self.from), "Check the name and the schema."))
            }
            Object::Other(what) => Err(Refusal::new(
                format!("a new name for a {what} breaks code that uses the old one at the moment it commits"),
                "For a foreign table write ALTER TABLE; otherwise create a second one under the new name, deploy, and drop the old one.",
            )),
        }
    }
}

impl RenameObject {
    fn brief(
        &self,
        b: &mut Builder,
        phase: PhaseName,
        on: &TableName,
        sql: [String; 2],
        done: String,
        why: &str,
    ) -> Key {
        let [sql, undo] = sql;
        let rank = if phase == PhaseName::Contract { Rank::DropObject } else { Rank::Other };
        let draft = Draft::sql(phase, rank, self.title(), vec![sql], b.brief())
            .why(why)
            .on(on)
            .undo(b.undo_sql(vec![undo], "Catalog only; brief lock."))
            .done(done)
            .watch("Who holds a lock on it", probe::lock_holders(on));
        b.push(draft)
    }

    fn constraint(&self, b: &mut Builder, table: &TableName) -> Result<String, Refusal> {
        let owner = b.catalog.table(table).ok_or_else(|| created_here(table))?;
        let (from, to) = (&self.from.name, &self.to.name);
        let kind = owner.constraint(from).map(|c| c.kind);
        let rename = |x: &Ident, y: &Ident| {
            format!("ALTER TABLE {} RENAME CONSTRAINT {} TO {}", b.name(table), b.id(x), b.id(y))
        };
        let sql = [rename(from, to), rename(to, from)];
        if matches!(kind, Some(ConstraintKind::Unique | ConstraintKind::PrimaryKey | ConstraintKind::Exclusion)) {
            self.named_by_upserts(b, table);
        }
        if matches!(kind, Some(ConstraintKind::Check | ConstraintKind::ForeignKey | ConstraintKind::Unique)) {
            b.finding(
                Severity::Note,
                format!("Code that tells errors apart by `{from}` (the name stands in the message) has to know `{to}` as well."),
            );
        }
        let done = probe::constraint_exists(table, to);
        self.brief(
            b,
            PhaseName::Migrate,
            table,
            sql,
            done,
            "Changes a name in the catalog; the lock is strong but brief.",
        );
        Ok("as written: the server follows constraints by identity".to_owned())
    }

    fn named_by_upserts(&self, b: &mut Builder, table: &TableName) {
        b.finding(
            Severity::Warning,
            format!(
                "`INSERT … ON CONFLICT ON CONSTRAINT {}` on `{table}` fails from this step on: name the columns instead (`ON CONFLICT (…)`) in the release of today, before it.",
                b.id(&self.from.name)
            ),
        );
    }

    fn index(&self, b: &mut Builder, table: &TableName) -> Result<String, Refusal> {
        let constraint =
            b.catalog.table(table).and_then(|t| t.index(&self.from.name)).and_then(|i| i.constraint.clone());
        if constraint.is_some() {
            self.named_by_upserts(b, table);
        }
        // ALTER TABLE on an index would lock it as strongly as a table.
        let rename = |x: &TableName, y: &TableName| format!("ALTER INDEX {} RENAME TO {}", b.name(x), b.id(&y.name));
        let sql = [rename(&self.from, &self.to), rename(&self.to, &self.from)];
        let why = if b.since(12) {
            "ALTER INDEX, whatever the script says: from PostgreSQL 12 on it lets reads and writes go on."
        } else {
            "Before PostgreSQL 12 even ALTER INDEX locks the index against every query that plans with it; brief."
        };
        self.brief(b, PhaseName::Migrate, table, sql, probe::relation_exists(&self.to), why);
        Ok("as written: no query names an index".to_owned())
    }

    fn sequence(&self, b: &mut Builder) -> Result<String, Refusal> {
        let sequence = b
            .catalog
            .sequences
            .iter()
            .find(|s| s.name == self.from)
            .ok_or_else(|| Refusal::new(format!("there is no sequence `{}`", self.from), "Check the name."))?;
        let spelled = [self.from.name.0.clone(), self.from.to_string(), b.name(&self.from)];
        let by_default = b.database().tables.iter().any(|t| {
            t.columns
                .iter()
                .any(|c| c.default.as_ref().is_some_and(|d| spelled.iter().any(|s| d.sql.contains(&format!("'{s}'")))))
        });
        if sequence.owned_by.is_none() && !by_default {
            return Err(Refusal::new(
                format!(
                    "no column draws from `{}`, so code does, by its name, and fails when it has another",
                    self.from
                ),
                "Create a second sequence that starts well ahead of this one, deploy the release that uses it, then drop this one.",
            ));
        }
        if sequence.owned_by.is_some() && self.from.schema != self.to.schema {
            return Err(Refusal::new(
                format!("`{}` is owned by a column and stays in the schema of its table (0A000)", self.from),
                "Move the table: its sequences go along.",
            ));
        }
        let on = sequence.owned_by.as_ref().map_or_else(|| self.from.clone(), |o| o.table.clone());
        b.need(Need::new(Slot::Unused, Placement::Fixed, &on).say(format!(
            "No longer spell `{0}`: leave the column out of INSERT and take its value by RETURNING, or ask `pg_get_serial_sequence`, instead of `nextval('{0}')` or `currval`.",
            self.from
        )));
        let step = |x: &TableName, y: &TableName| {
            if x.schema == y.schema {
                format!("ALTER SEQUENCE {} RENAME TO {}", b.name(x), b.id(&y.name))
            } else {
                format!("ALTER SEQUENCE {} SET SCHEMA {}", b.name(x), b.id(&y.schema))
            }
        };
        let sql = [step(&self.from, &self.to), step(&self.to, &self.from)];
        let why = "Defaults follow the sequence by identity, code that spells it does not: after the release that does not spell it.";
        let renamed = self.brief(b, PhaseName::Contract, &self.from, sql, probe::relation_exists(&self.to), why);
        b.rule(Rule::Older {
            than: Slot::Unused,
            from: Mark::After(renamed),
            because: format!("may spell `{}`, which has another name", self.from),
        });
        Ok("online: nobody spells the name any more when it changes".to_owned())
    }

    fn function(&self, b: &mut Builder, arguments: &str) -> Result<String, Refusal> {
        let fired = b.database().tables.iter().any(|t| t.triggers.iter().any(|g| g.function == self.from));
        if !fired {
            return Err(Refusal::new(
                format!("code that calls `{}` fails at the moment it has another name", self.from),
                "Create a second function with the new name and the same body, deploy the release that calls it, then drop the old one: each a plan of its own.",
            ));
        }
        let step = |x: &TableName, y: &TableName| {
            if x.schema == y.schema {
                format!("ALTER FUNCTION {}{arguments} RENAME TO {}", b.name(x), b.id(&y.name))
            } else {
                format!("ALTER FUNCTION {}{arguments} SET SCHEMA {}", b.name(x), b.id(&y.schema))
            }
        };
        let draft =
            Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![step(&self.from, &self.to)], b.brief())
                .why("Triggers call it, by identity; no table is locked.")
                .undo(b.undo_sql(vec![step(&self.to, &self.from)], "Catalog only."))
                .done(probe::function_exists(&self.to));
        b.push(draft);
        Ok("as written: triggers follow their function by identity".to_owned())
    }

    fn schema(&self, b: &mut Builder) -> Result<String, Refusal> {
        let (from, to) = (&self.from.name, &self.to.name);
        let database = b.database();
        let inside = database
            .tables
            .iter()
            .map(|t| &t.name)
            .chain(database.views.iter().map(|v| &v.name))
            .chain(database.sequences.iter().map(|s| &s.name))
            .chain(database.functions.iter().map(|f| &f.name))
            .chain(database.types.iter().map(|t| &t.name))
            .find(|n| n.schema == *from);
        if let Some(one) = inside {
            return Err(Refusal::new(
                format!("every name in schema `{from}` breaks at the moment it has another name, `{one}` among them"),
                format!(
                    "Create schema {}, and move the tables one by one with ALTER TABLE … SET SCHEMA: views keep the old names while releases need them.",
                    b.id(to)
                ),
            ));
        }
        let rename = |x: &Ident, y: &Ident| format!("ALTER SCHEMA {} RENAME TO {}", b.id(x), b.id(y));
        let draft = Draft::sql(PhaseName::Migrate, Rank::Other, self.title(), vec![rename(from, to)], b.brief())
            .why("No table, view, sequence, type or known function is in it.")
            .undo(b.undo_sql(vec![rename(to, from)], "Catalog only."))
            .done(probe::schema_exists(to));
        b.push(draft);
        Ok("as written: nothing that code would name is in it".to_owned())
    }
}
