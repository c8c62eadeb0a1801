//! Foreign keys both ways, checks, triggers: each with the text that makes it again.

use super::columns::{self, as_stored};
use super::query::{self, literal};
use super::rows::{Row, Rows};
use super::text::{account, columns_of, in_parentheses, names, quoted, quoted_list};
use super::{Error, Reader, tables};
use crate::model::catalog::{Constraint, ConstraintKind, Reference};
use crate::model::objects::Trigger;
use crate::model::{Catalog, Ident, TableName};
use std::collections::{BTreeMap, BTreeSet};

pub async fn read(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    foreign_keys(reader, catalog).await?;
    checks(reader, catalog).await?;
    triggers(reader, catalog).await
}

#[derive(Default)]
struct ForeignKey {
    columns: BTreeMap<u64, (Ident, Ident)>,
    references: Option<TableName>,
    on_delete: String,
    on_update: String,
}

type Found = BTreeMap<(TableName, String), ForeignKey>;

async fn foreign_keys(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let mut found = Found::new();
    for row in reader.read(query::FOREIGN_KEYS).await?.iter() {
        take(&mut found, &row, row.text("ref_db"));
    }
    for row in reader.read(query::RULES).await?.iter() {
        let key = (TableName::new(row.text("db"), row.text("tbl")), row.owned("name"));
        if let Some(foreign) = found.get_mut(&key) {
            foreign.on_delete = row.owned("on_delete");
            foreign.on_update = row.owned("on_update");
        }
    }
    let others: Rows = reader.read(query::REFERENCING).await?;
    for row in others.iter() {
        let rules = row.number("rules").unwrap_or(0);
        let foreign = take(&mut found, &row, &catalog.database);
        foreign.on_delete = rule(rules, [1, 2, 16]);
        foreign.on_update = rule(rules, [4, 8, 32]);
    }
    neighbours(reader, catalog, &found).await?;
    for ((table, name), foreign) in found {
        let Some(references) = foreign.references else { continue };
        let (columns, referenced): (Vec<Ident>, Vec<Ident>) = foreign.columns.into_values().unzip();
        let name = Ident(name);
        let target = if references.schema == table.schema {
            quoted(&references.name)
        } else {
            format!("{}.{}", quoted(&references.schema), quoted(&references.name))
        };
        let mut definition = format!(
            "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {target} ({})",
            quoted(&name),
            quoted_list(&columns),
            quoted_list(&referenced)
        );
        // RESTRICT and NO ACTION are the same to InnoDB, and what it does unasked.
        for (event, rule) in [("DELETE", foreign.on_delete), ("UPDATE", foreign.on_update)] {
            if !matches!(rule.as_str(), "" | "RESTRICT" | "NO ACTION") {
                definition.push_str(&format!(" ON {event} {rule}"));
            }
        }
        if let Some(table) = catalog.table_mut(&table) {
            let references = Some(Reference { table: references, columns: referenced });
            table.constraints.push(constraint(name, ConstraintKind::ForeignKey, columns, definition, references));
        }
    }
    Ok(())
}

fn take<'a>(found: &'a mut Found, row: &Row<'_>, referenced_db: &str) -> &'a mut ForeignKey {
    let key = (TableName::new(row.text("db"), row.text("tbl")), row.owned("name"));
    let foreign = found.entry(key).or_default();
    let pair = (Ident(row.owned("col")), Ident(row.owned("ref_col")));
    foreign.columns.insert(row.number("place").unwrap_or(0), pair);
    foreign.references = Some(TableName::new(referenced_db, row.text("ref_tbl")));
    foreign
}

/// InnoDB's own numbers: CASCADE, SET NULL, NO ACTION.
fn rule(bits: u64, [cascade, set_null, no_action]: [u64; 3]) -> String {
    let rule = if bits & cascade > 0 {
        "CASCADE"
    } else if bits & set_null > 0 {
        "SET NULL"
    } else if bits & no_action > 0 {
        "NO ACTION"
    } else {
        "RESTRICT"
    };
    rule.to_owned()
}

/// Tables of other databases that point here: only what tells of them is read, not their indexes.
async fn neighbours(reader: &mut Reader<'_>, catalog: &mut Catalog, found: &Found) -> Result<(), Error> {
    let here = Ident(catalog.database.clone());
    let others: BTreeSet<&TableName> = found.keys().map(|(table, _)| table).filter(|t| t.schema != here).collect();
    if others.is_empty() {
        return Ok(());
    }
    let one =
        |t: &&TableName| format!("(TABLE_SCHEMA = {} AND TABLE_NAME = {})", literal(&t.schema.0), literal(&t.name.0));
    let only_these = others.iter().map(one).collect::<Vec<_>>().join(" OR ");
    let before = std::mem::replace(&mut reader.scope.here, only_these);
    tables::read(reader, catalog).await?;
    columns::read(reader, catalog).await?;
    reader.scope.here = before;
    // An account may see that a table points here without seeing the table.
    for name in others {
        if catalog.table(name).is_none() {
            catalog.put_table(crate::model::Table::new(name.clone(), Vec::new()));
        }
    }
    Ok(())
}

fn constraint(
    name: Ident,
    kind: ConstraintKind,
    columns: Vec<Ident>,
    definition: String,
    references: Option<Reference>,
) -> Constraint {
    Constraint {
        name,
        kind,
        columns,
        definition,
        valid: true,
        enforced: true,
        deferrable: false,
        references,
        comment: None,
    }
}

async fn checks(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = reader.read(query::CHECKS).await?;
    let engine = reader.line.engine;
    for row in rows.iter() {
        let clause = as_stored(row.text("clause"), engine);
        let Some(table) = tables::of(catalog, &row) else { continue };
        let name = Ident(row.owned("name"));
        if row.text("level") == "Column" {
            if let Some(column) = table.columns.iter_mut().find(|c| c.name == name).and_then(|c| c.mysql.as_mut()) {
                column.check = Some(clause);
            }
            continue;
        }
        let columns = columns_of(&clause, table.columns.iter().map(|c| &c.name));
        let enforced = row.is_yes("enforced");
        let clause = in_parentheses(&clause);
        let not = if enforced { "" } else { " NOT ENFORCED" };
        let definition = format!("CONSTRAINT {} CHECK {clause}{not}", quoted(&name));
        let check = constraint(name, ConstraintKind::Check, columns, definition, None);
        // MySQL keeps a check that is not enforced without having looked at a row.
        table.constraints.push(Constraint { enforced, valid: enforced, ..check });
    }
    Ok(())
}

async fn triggers(reader: &mut Reader<'_>, catalog: &mut Catalog) -> Result<(), Error> {
    let rows = reader.read(query::TRIGGERS).await?;
    let mut ordered: Vec<Row<'_>> = rows.iter().collect();
    ordered.sort_by_key(|row| row.number("place"));
    for row in ordered {
        let schema = catalog.database.clone();
        let Some(table) = tables::of(catalog, &row) else { continue };
        let name = Ident(row.owned("name"));
        let (timing, event, body) = (row.text("timing"), row.text("event"), row.text("body"));
        // What a client sent behind the statement is kept with it.
        let body = body.trim_end().trim_end_matches(';');
        let definition = format!(
            "CREATE DEFINER={} TRIGGER {} {timing} {event} ON {} FOR EACH ROW {body}",
            account(row.text("definer")),
            quoted(&name),
            quoted(&table.name.name)
        );
        let columns = table.columns.iter().map(|c| &c.name).filter(|c| names(body, c)).cloned().collect();
        table.triggers.push(Trigger {
            function: TableName::new(schema, name.0.clone()),
            name,
            definition,
            columns,
            enabled: None,
            fires_on_update: event.contains("UPDATE"),
            comment: None,
        });
    }
    Ok(())
}
