//! Columns after ALTER TABLE.

use super::{constraint, with_table};
use crate::engine::{names, relations, user_types, volatility};
use crate::model::catalog::{DefaultValue, Generated, Identity, Volatility};
use crate::model::objects::{OwnedBy, Sequence};
use crate::model::{Catalog, Column, Constraint, ConstraintKind, Ident, TableKind, TableName};
use crate::sql::{ColumnDef, ConstraintBody, Expression, serial_base};

pub(super) fn add(catalog: &mut Catalog, table: &TableName, family: &[TableName], column: &ColumnDef) {
    if catalog.table(table).is_some_and(|t| t.column(&column.name).is_some()) {
        return;
    }
    let made = from_definition(catalog, table, column);
    for name in family {
        let made = made.clone();
        with_table(catalog, name, |t| {
            if t.column(&made.name).is_none() {
                t.columns.push(made);
            }
        });
    }
    let primary = column.constraints.iter().any(|c| matches!(c.body, ConstraintBody::PrimaryKey { .. }));
    if made.not_null && !primary {
        note_not_null(catalog, family, &column.name);
    }
    for constraint in &column.constraints {
        constraint::add(catalog, table, family, constraint, std::slice::from_ref(&column.name));
    }
}

/// The column as the catalog would show it; makes the sequence of a serial or identity column.
pub(super) fn from_definition(catalog: &mut Catalog, table: &TableName, column: &ColumnDef) -> Column {
    let serial = serial_base(&column.data_type);
    let mut made = Column::new(
        column.name.0.clone(),
        serial.map_or_else(|| user_types::canonical(catalog, &column.data_type), str::to_owned),
    );
    made.not_null = column.not_null || serial.is_some() || column.identity.is_some();
    made.collation.clone_from(&column.collation);
    made.identity = column.identity;
    made.generated = column.generated.as_ref().map(|(e, kept)| Generated { sql: e.sql.clone(), kept: *kept });
    made.default = column.default.as_ref().and_then(|d| default_of(catalog, d));
    if serial.is_some() || column.identity.is_some() {
        let sequence = add_sequence(catalog, table, &column.name, &made.data_type);
        if serial.is_some() {
            let sql = format!("nextval('{}'::regclass)", sequence.name.as_str().replace('\'', "''"));
            made.default = Some(DefaultValue { sql, volatility: Volatility::Volatile });
        }
    }
    made
}

fn add_sequence(catalog: &mut Catalog, table: &TableName, column: &Ident, data_type: &str) -> TableName {
    let name = names::for_sequence(catalog, table, column);
    let max_value = match data_type {
        "smallint" => i64::from(i16::MAX),
        "integer" => i64::from(i32::MAX),
        _ => i64::MAX,
    };
    let owned_by = Some(OwnedBy { table: table.clone(), column: column.clone() });
    let sequence = Sequence {
        name: name.clone(),
        data_type: data_type.to_owned(),
        last_value: None,
        max_value,
        owned_by,
        options: Vec::new(),
    };
    let at = catalog.sequences.partition_point(|s| s.name < name);
    catalog.sequences.insert(at, sequence);
    name
}

/// `None` for DEFAULT NULL, which the server does not keep.
pub(super) fn default_of(catalog: &Catalog, default: &Expression) -> Option<DefaultValue> {
    let sql = default.sql.trim();
    if sql.eq_ignore_ascii_case("null") {
        return None;
    }
    Some(DefaultValue { sql: sql.to_owned(), volatility: volatility::of(catalog, default).0 })
}

pub(super) fn change(catalog: &mut Catalog, table: &TableName, column: &Ident, f: impl FnOnce(&mut Column)) {
    with_table(catalog, table, |t| {
        if let Some(found) = t.columns.iter_mut().find(|c| c.name == *column) {
            f(found);
        }
    });
}

pub(super) fn drop(catalog: &mut Catalog, table: &TableName, column: &Ident) {
    let major = catalog.server.version.major;
    let Some(found) = catalog.table(table) else { return };
    if found.column(column).is_none() {
        return;
    }
    // Keys of this table that other tables' foreign keys point at go with the column (CASCADE was checked before).
    let keys: Vec<TableName> = relations::referencing(catalog, table, std::slice::from_ref(column));
    let also: Vec<Ident> = if major < 15 {
        relations::generated_from(found, column).map(|c| c.name.clone()).collect()
    } else {
        Vec::new()
    };
    with_table(catalog, table, |t| {
        t.columns.retain(|c| c.name != *column);
        t.indexes.retain(|i| !i.uses.contains(column));
        t.constraints.retain(|c| !c.columns.contains(column));
        t.triggers.retain(|g| !g.columns.contains(column));
        t.policies.retain(|p| !p.columns.contains(column));
        t.statistics.retain(|s| !s.columns.contains(column));
    });
    for other in keys {
        with_table(catalog, &other, |t| {
            t.constraints
                .retain(|c| !c.references.as_ref().is_some_and(|r| r.table == *table && r.columns.contains(column)));
        });
    }
    catalog.sequences.retain(|s| !s.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == *column));
    let uses = |u: &crate::model::objects::ColumnUse| u.table == *table && u.columns.contains(column);
    catalog.views.retain(|v| !v.uses.iter().any(uses));
    also.iter().for_each(|c| drop(catalog, table, c));
}

pub(super) fn set_type(
    catalog: &mut Catalog,
    table: &TableName,
    column: &Ident,
    data_type: &str,
    collation: Option<&str>,
) {
    let to = user_types::canonical(catalog, data_type);
    let identity = catalog.table(table).and_then(|t| t.column(column)).is_some_and(|c| c.identity.is_some());
    if identity {
        let owns = |s: &&mut Sequence| s.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == *column);
        for sequence in catalog.sequences.iter_mut().filter(owns) {
            sequence.data_type.clone_from(&to);
            if to == "bigint" {
                sequence.max_value = i64::MAX;
            }
        }
    }
    change(catalog, table, column, |c| {
        c.data_type = to;
        c.collation = collation.map(str::to_owned);
    });
}

/// PostgreSQL 18 keeps a constraint for every NOT NULL; partitions have theirs under the parent's name.
pub(super) fn note_not_null(catalog: &mut Catalog, family: &[TableName], column: &Ident) {
    let Some(table) = family.first().filter(|_| catalog.server.since(18)) else { return };
    let has = |t: &crate::model::Table| {
        t.constraints.iter().any(|c| c.kind == ConstraintKind::NotNull && c.columns.contains(column))
    };
    let columns = vec![column.clone()];
    let made = Constraint {
        name: names::for_constraint(catalog, table, &columns, "not_null"),
        kind: ConstraintKind::NotNull,
        definition: format!("NOT NULL {}", constraint::spell(&columns)),
        columns,
        valid: true,
        enforced: true,
        deferrable: false,
        references: None,
        comment: None,
    };
    for table in family {
        if !catalog.table(table).is_none_or(has) {
            constraint::put(catalog, table, made.clone());
        }
    }
}

pub(super) fn set_not_null(catalog: &mut Catalog, family: &[TableName], column: &Ident) {
    note_not_null(catalog, family, column);
    for table in family {
        change(catalog, table, column, |c| c.not_null = true);
        with_table(catalog, table, |t| {
            let ours = |c: &&mut Constraint| c.kind == ConstraintKind::NotNull && c.columns.contains(column);
            for found in t.constraints.iter_mut().filter(ours) {
                constraint::mark_valid(found);
            }
        });
    }
}

pub(super) fn drop_not_null(catalog: &mut Catalog, table: &TableName, column: &Ident) {
    change(catalog, table, column, |c| c.not_null = false);
    with_table(catalog, table, |t| {
        t.constraints.retain(|c| c.kind != ConstraintKind::NotNull || !c.columns.contains(column));
    });
}

pub(super) fn add_identity(catalog: &mut Catalog, table: &TableName, column: &Ident, identity: Identity) {
    let data_type = catalog.table(table).and_then(|t| t.column(column)).map(|c| c.data_type.clone());
    add_sequence(catalog, table, column, data_type.as_deref().unwrap_or("bigint"));
    set_identity(catalog, table, column, Some(identity));
}

pub(super) fn drop_identity(catalog: &mut Catalog, table: &TableName, column: &Ident) {
    set_identity(catalog, table, column, None);
    catalog.sequences.retain(|s| !s.owned_by.as_ref().is_some_and(|o| o.table == *table && o.column == *column));
}

/// From 17 on the partitions share the identity of their parent.
pub(super) fn set_identity(catalog: &mut Catalog, table: &TableName, column: &Ident, identity: Option<Identity>) {
    let shared = catalog.server.since(17) && catalog.table(table).is_some_and(|t| t.kind == TableKind::Partitioned);
    let tables = if shared { super::family(catalog, table) } else { vec![table.clone()] };
    for table in tables {
        change(catalog, &table, column, |c| c.identity = identity);
    }
}
