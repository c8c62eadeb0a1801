//! Constraints that come back, or go again, without a scan or a build under a lock that blocks traffic.

use super::grants;
use super::index::{NewIndex, Unique, concurrently};
use super::partitioned;
use crate::model::objects::{View, ViewKind};
use crate::model::{Constraint, ConstraintKind, Ident, Table, TableKind, TableName};
use crate::plan::build::Builder;
use crate::plan::{TransactionMode, Undo};
use crate::sql::{ConstraintBody, TableConstraint};

pub fn unknown() -> Undo {
    Undo::PointOfNoReturn {
        because: "No way back is known to sidestep for this statement; write one before you run it.".to_owned(),
    }
}

/// Takes away what `constraint` added.
pub fn constraint_gone(b: &Builder, table: &TableName, name: &Ident, constraint: &TableConstraint) -> Undo {
    let drop = format!("ALTER TABLE {} DROP CONSTRAINT {}", b.name(table), b.id(name));
    let taken = match &constraint.body {
        ConstraintBody::UsingIndex { index, .. } => b.catalog.table(table).and_then(|t| t.index(index)),
        _ => None,
    };
    match taken {
        // The constraint has made the index its own and takes it along.
        Some(index) => one_by_one(
            b,
            vec![drop, concurrently(&index.definition)],
            "Builds the index anew; nothing keeps the values unique until it is done.",
        ),
        None => b.undo_sql(vec![drop], "Catalog only; brief lock."),
    }
}

/// Puts back what was dropped.
pub fn constraint_again(b: &Builder, table: &Table, constraint: &Constraint) -> Undo {
    let (t, n) = (b.name(&table.name), b.id(&constraint.name));
    let add = format!("ALTER TABLE {t} ADD CONSTRAINT {n}");
    let partitioned = table.kind == TableKind::Partitioned;
    match constraint.kind {
        ConstraintKind::ForeignKey if partitioned && !b.since(18) && constraint.valid => {
            let mut sql = Vec::new();
            for part in partitioned::leaves(b.catalog, &table.name) {
                let p = b.name(&part.name);
                sql.push(format!("ALTER TABLE {p} ADD CONSTRAINT {n} {} NOT VALID", constraint.definition));
                sql.push(format!("ALTER TABLE {p} VALIDATE CONSTRAINT {n}"));
            }
            sql.push(format!("{add} {}", constraint.definition));
            Undo::Sql {
                sql,
                transaction: TransactionMode::None,
                timeouts: b.validating(),
                because: "Comes back partition by partition, each proved, then for the parent; fails if rows written in between break it.".to_owned(),
            }
        }
        ConstraintKind::Check | ConstraintKind::ForeignKey if constraint.valid && constraint.enforced => {
            let sql = vec![
                format!("{add} {} NOT VALID", constraint.definition),
                format!("ALTER TABLE {t} VALIDATE CONSTRAINT {n}"),
            ];
            Undo::Sql {
                sql,
                transaction: TransactionMode::None,
                timeouts: b.validating(),
                because: "Comes back for new rows, then the others are proved, which fails if rows written in between break the rule.".to_owned(),
            }
        }
        ConstraintKind::PrimaryKey | ConstraintKind::Unique => {
            let index = table.indexes.iter().find(|i| i.constraint.as_ref() == Some(&constraint.name));
            let Some(index) = index else { return unknown() };
            let kind = if constraint.kind == ConstraintKind::PrimaryKey { "PRIMARY KEY" } else { "UNIQUE" };
            if partitioned {
                let definition = partitioned::tail(&index.definition).to_owned();
                let new = NewIndex { name: index.name.clone(), unique: Unique::Yes, definition, why: String::new() };
                return one_by_one(
                    b,
                    partitioned::index_again(b, table, &index.name, &new, Some((kind, &constraint.definition))),
                    "Builds the index anew, partition by partition; duplicates written in between make that fail.",
                );
            }
            let late = constraint.definition.find(" DEFERRABLE").and_then(|at| constraint.definition.get(at..));
            let using = format!("{add} {kind} USING INDEX {}{}", b.id(&index.name), late.unwrap_or(""));
            one_by_one(
                b,
                vec![concurrently(&index.definition), using],
                "Builds the index anew; duplicates written in between make that fail.",
            )
        }
        _ => b.undo_sql(
            vec![format!("{add} {}", constraint.definition)],
            "Brief if the constraint was not proved; otherwise it reads the table under its lock.",
        ),
    }
}

/// Makes a view again from the catalog's text, with all that belongs to it; none if the text is not known.
pub fn view_again(b: &Builder, view: &View) -> Option<Vec<String>> {
    let body = view.definition.trim().trim_end_matches(';').trim_end();
    if body.is_empty() || view.kind == ViewKind::Rule {
        return None;
    }
    let (v, d) = (b.name(&view.name), b.dialect());
    let kind = if view.kind == ViewKind::Materialized { "MATERIALIZED VIEW" } else { "VIEW" };
    let names: Vec<Ident> = view.columns.iter().map(|c| c.name.clone()).collect();
    let list = if names.is_empty() { String::new() } else { format!(" ({})", b.ids(&names)) };
    let with = if view.options.is_empty() { String::new() } else { format!(" WITH ({})", view.options.join(", ")) };
    let mut sql = vec![format!("CREATE {kind} {v}{list}{with} AS {body}")];
    if let Some(owner) = &view.owner {
        sql.push(format!("ALTER {kind} {v} OWNER TO {}", b.id(owner)));
    }
    let owner = view.owner.as_ref();
    sql.extend(grants::again(b.dialect(), &view.grants, owner, &v, None, false));
    if let Some(comment) = &view.comment {
        sql.push(format!("COMMENT ON {kind} {v} IS {}", d.literal(comment)));
    }
    for column in &view.columns {
        sql.extend(grants::again(b.dialect(), &column.grants, None, &v, Some(&column.name), false));
        if let Some(comment) = &column.comment {
            sql.push(format!("COMMENT ON COLUMN {v}.{} IS {}", b.id(&column.name), d.literal(comment)));
        }
    }
    Some(sql)
}

fn one_by_one(b: &Builder, sql: Vec<String>, because: &str) -> Undo {
    Undo::Sql { sql, transaction: TransactionMode::None, timeouts: b.unlimited(), because: because.to_owned() }
}
