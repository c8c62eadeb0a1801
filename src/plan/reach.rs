//! Where a plan ends against where the script ends: a difference means that a recipe forgot something, or that two changes
//! of one script do not go together.

use super::assemble::is_part_of;
use crate::engine::dialect;
use crate::model::catalog::{Constraint, ConstraintKind};
use crate::model::{Catalog, Column, Ident, Index, Table, TableName};
use std::collections::BTreeMap;

/// A place where a recipe means to end otherwise than the script, and says so in a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Otherwise {
    pub table: TableName,
    /// The whole table if none.
    pub column: Option<Ident>,
}

/// The first difference between the structure the script leads to and the one the plan leads to, for people. Names of
/// indexes and constraints are of no matter, nor is the order of columns.
pub fn difference(wanted: &Catalog, reached: &Catalog, otherwise: &[Otherwise]) -> Option<String> {
    let excused = |table: &TableName, columns: &[Ident]| {
        otherwise
            .iter()
            .any(|o| is_part_of(wanted, table, &o.table) && o.column.as_ref().is_none_or(|c| columns.contains(c)))
    };
    for table in &wanted.tables {
        let Some(found) = reached.table(&table.name) else {
            if excused(&table.name, &[]) {
                continue;
            }
            return Some(format!("`{}` is missing in the end", table.name));
        };
        if let Some(column) = columns(wanted, table, found).find(|(c, _)| !excused(&table.name, &[(*c).clone()])) {
            return Some(column.1);
        }
        if let Some((_, what)) = unequal(indexes(table), indexes(found)).find(|(c, _)| !excused(&table.name, c)) {
            return Some(format!("an index of `{}` {what}", table.name));
        }
        let (left, right) = (constraints(wanted, table), constraints(reached, found));
        if let Some((_, what)) = unequal(left, right).find(|(c, _)| !excused(&table.name, c)) {
            return Some(format!("a constraint of `{}` {what}", table.name));
        }
    }
    let view = |catalog: &Catalog, name: &TableName| catalog.views.iter().any(|v| v.name == *name);
    let lost = wanted.views.iter().find(|v| !view(reached, &v.name) && !excused(&v.name, &[]));
    if let Some(lost) = lost {
        return Some(format!("view `{}` is missing in the end", lost.name));
    }
    if let Some(left) = reached.views.iter().find(|v| !view(wanted, &v.name) && !excused(&v.name, &[])) {
        return Some(format!("view `{}` is left over in the end", left.name));
    }
    let more = reached.tables.iter().find(|t| wanted.table(&t.name).is_none() && !excused(&t.name, &[]));
    more.map(|t| format!("`{}` is left over in the end", t.name))
}

fn columns<'t>(wanted: &Catalog, table: &'t Table, found: &'t Table) -> impl Iterator<Item = (&'t Ident, String)> {
    let proved_by_check = by_check(wanted);
    let proved = move |c: &Ident| proved_by_check && found.constraints.iter().any(|k| is_proof(k, c));
    let lost = table.columns.iter().filter_map(move |c| {
        let at = format!("`{}.{}`", table.name, c.name);
        let Some(now) = found.column(&c.name) else { return Some((&c.name, format!("{at} is missing in the end"))) };
        let not_null = now.not_null || proved(&c.name);
        let what = differs(c, now, not_null)?;
        Some((&c.name, format!("{at} {what}")))
    });
    let left = found.columns.iter().filter(|c| table.column(&c.name).is_none());
    lost.chain(left.map(|c| (&c.name, format!("`{}.{}` is left over in the end", table.name, c.name))))
}

fn differs(wanted: &Column, found: &Column, not_null: bool) -> Option<String> {
    if wanted.data_type != found.data_type {
        return Some(format!("ends as `{}`, not `{}`", found.data_type, wanted.data_type));
    }
    if wanted.not_null != not_null {
        return Some(format!("ends {} NULL", if wanted.not_null { "without NOT" } else { "NOT" }));
    }
    if wanted.default.is_some() != found.default.is_some() {
        return Some(format!("ends {} a default", if found.default.is_some() { "with" } else { "without" }));
    }
    if wanted.identity != found.identity || wanted.generated.is_some() != found.generated.is_some() {
        return Some("ends as another kind of column".to_owned());
    }
    (wanted.collation != found.collation).then(|| "ends with another collation".to_owned())
}

fn by_check(catalog: &Catalog) -> bool {
    dialect(catalog.server.engine).speech().check_stands_for_not_null(&catalog.server)
}

/// A CHECK that stands for NOT NULL, where setting NOT NULL itself would read the table under a strong lock.
fn is_proof(constraint: &Constraint, column: &Ident) -> bool {
    constraint.kind == ConstraintKind::Check
        && constraint.valid
        && constraint.columns == [column.clone()]
        && is_not_null(&constraint.definition)
}

fn is_not_null(definition: &str) -> bool {
    let upper = definition.to_uppercase();
    upper.trim_end_matches([')', ' ']).ends_with("IS NOT NULL") && !upper.contains(" OR ") && !upper.contains(" AND ")
}

type Parts<'t> = BTreeMap<String, (usize, &'t [Ident])>;

fn indexes(table: &Table) -> Parts<'_> {
    let line = |i: &Index| {
        let mut uses: Vec<&str> = i.uses.iter().map(Ident::as_str).collect();
        uses.sort_unstable();
        let keys: Vec<&str> = i.keys.iter().map(|k| k.as_ref().map_or("expression", Ident::as_str)).collect();
        let unique = if i.unique { "unique " } else { "" };
        let partial = if i.predicate.is_some() { " where" } else { "" };
        let valid = if i.valid { "" } else { ", invalid" };
        format!("({unique}{} on {}{partial}, of {}{valid})", i.method, keys.join(", "), uses.join(", "))
    };
    counted(table.indexes.iter().map(|i| (line(i), i.uses.as_slice())))
}

fn constraints<'t>(catalog: &Catalog, table: &'t Table) -> Parts<'t> {
    // A NOT NULL is looked at on its column, and so is what stands for it.
    let by_check = by_check(catalog);
    let stands_for = move |c: &Constraint| by_check && c.columns.iter().any(|n| is_proof(c, n));
    let own = table.constraints.iter().filter(move |c| c.kind != ConstraintKind::NotNull && !stands_for(c));
    let line = |c: &Constraint| {
        let mut columns: Vec<&str> = c.columns.iter().map(Ident::as_str).collect();
        columns.sort_unstable();
        let to = c.references.as_ref().map_or_else(String::new, |r| format!(" to {}", r.table));
        let valid = if c.valid { "" } else { ", not valid" };
        format!("({:?} over {}{to}{valid})", c.kind, columns.join(", "))
    };
    counted(own.map(|c| (line(c), c.columns.as_slice())))
}

fn counted<'t>(lines: impl Iterator<Item = (String, &'t [Ident])>) -> Parts<'t> {
    let mut parts = Parts::new();
    for (line, columns) in lines {
        parts.entry(line).or_insert((0, columns)).0 += 1;
    }
    parts
}

fn unequal<'t>(wanted: Parts<'t>, found: Parts<'t>) -> impl Iterator<Item = (&'t [Ident], String)> {
    let count = |parts: &Parts, line: &str| parts.get(line).map_or(0, |(n, _)| *n);
    let mut all = Vec::new();
    for (line, (n, columns)) in &wanted {
        // What a cancelled build left behind is nothing that a plan has to bring along.
        if count(&found, line) < *n && !line.ends_with(", invalid)") {
            all.push((*columns, format!("is missing in the end: {line}")));
        }
    }
    for (line, (n, columns)) in &found {
        if count(&wanted, line) < *n {
            all.push((*columns, format!("is left over in the end: {line}")));
        }
    }
    all.into_iter()
}
