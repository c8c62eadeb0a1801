//! Questions to the catalog about who hangs on whom: partitions, foreign keys both ways, dependants of a column.

use crate::model::catalog::GeneratedKind;
use crate::model::objects::{DataTypeKind, View, ViewKind};
use crate::model::{Catalog, Column, Constraint, ConstraintKind, Ident, Table, TableName};

/// Partitions and inheriting tables, all levels down.
pub(super) fn descendants<'c>(catalog: &'c Catalog, table: &TableName) -> Vec<&'c Table> {
    let mut found: Vec<&Table> = catalog.partitions_of_name(table).collect();
    let mut next = 0;
    while let Some(child) = found.get(next) {
        let name = child.name.clone();
        // A table is met once, even if a damaged snapshot says that it is its own parent.
        let more: Vec<&Table> = catalog
            .partitions_of_name(&name)
            .filter(|t| t.name != *table && !found.iter().any(|f| f.name == t.name))
            .collect();
        found.extend(more);
        next += 1;
    }
    found
}

/// The table and all that hangs under it.
pub(super) fn family<'c>(catalog: &'c Catalog, table: &'c Table) -> Vec<&'c Table> {
    let mut all = vec![table];
    all.extend(descendants(catalog, &table.name));
    all
}

pub(super) fn names<'t>(tables: impl IntoIterator<Item = &'t Table>) -> Vec<TableName> {
    tables.into_iter().map(|t| t.name.clone()).collect()
}

/// The parent, partitioned or inherited from, if it has this column too: what is inherited is changed there.
pub(super) fn inherits_column<'c>(catalog: &'c Catalog, table: &Table, column: &Ident) -> Option<&'c Table> {
    let parent = catalog.table(&table.partition_of.as_ref()?.parent)?;
    parent.column(column).is_some().then_some(parent)
}

/// A declarative partition: its bounds are known. Plain inheritance has none.
pub(super) fn is_partition(table: &Table) -> bool {
    table.partition_of.as_ref().is_some_and(|p| !p.bounds.is_empty())
}

/// The share that a partition or heir has in a constraint of its parent: of the same name, or alike under a name of its own.
pub(crate) fn share<'t>(of: &Constraint, part: &'t Table) -> Option<&'t Constraint> {
    let alike = |c: &&Constraint| c.kind == of.kind && c.columns == of.columns && c.references == of.references;
    let text = |c: &Constraint| c.definition.trim_end_matches(" NOT VALID").to_owned();
    let named = part.constraint(&of.name).filter(|c| c.kind == of.kind);
    let own_name = || {
        let mut all = part.constraints.iter().filter(|c| of.kind != ConstraintKind::Check && alike(c));
        // Two foreign keys over the same columns can differ in what they do on DELETE.
        all.clone().find(|c| text(c) == text(of)).or_else(|| all.next())
    };
    named.or_else(own_name)
}

/// The parent, and the constraint of it, that a partition's or heir's constraint is the share of.
pub(crate) fn whole<'c>(
    catalog: &'c Catalog,
    part: &Table,
    constraint: &Constraint,
) -> Option<(&'c Table, &'c Constraint)> {
    let parent = catalog.table(&part.partition_of.as_ref()?.parent)?;
    let of = parent.constraints.iter().find(|c| share(c, part).is_some_and(|s| s.name == constraint.name))?;
    Some((parent, of))
}

/// Partitions and heirs, one level down.
pub(super) fn partitions<'c>(catalog: &'c Catalog, parent: &TableName) -> Vec<&'c Table> {
    catalog.partitions_of_name(parent).collect()
}

pub(super) fn default_partition<'c>(catalog: &'c Catalog, parent: &TableName) -> Option<&'c Table> {
    catalog
        .partitions_of_name(parent)
        .find(|t| t.partition_of.as_ref().is_some_and(|p| p.bounds.trim().eq_ignore_ascii_case("default")))
}

/// Tables that the chosen foreign keys of `table` point at, with their partitions; each once.
pub(super) fn referenced(catalog: &Catalog, table: &Table, chosen: impl Fn(&Constraint) -> bool) -> Vec<TableName> {
    let mut found = Vec::new();
    // A key that is not enforced has no triggers on the other side.
    for (_, reference) in table.foreign_keys().filter(|(c, _)| c.enforced && chosen(c)) {
        add(&mut found, &reference.table);
        for leaf in descendants(catalog, &reference.table) {
            add(&mut found, &leaf.name);
        }
    }
    found
}

/// Tables whose foreign keys point at `table` through any of `columns` (all if empty), partitions of theirs included.
pub(super) fn referencing(catalog: &Catalog, table: &TableName, columns: &[Ident]) -> Vec<TableName> {
    let mut found = Vec::new();
    for (child, constraint) in catalog.referenced_by(table) {
        let through = constraint.references.as_ref().map_or(&[][..], |r| r.columns.as_slice());
        if columns.is_empty() || through.iter().any(|c| columns.contains(c)) {
            add(&mut found, &child.name);
        }
    }
    found
}

fn add(list: &mut Vec<TableName>, name: &TableName) {
    if !list.contains(name) {
        list.push(name.clone());
    }
}

/// Views over the columns (all if empty), and the views over those, each once.
pub(super) fn views_over<'c>(catalog: &'c Catalog, table: &TableName, columns: &[Ident]) -> Vec<&'c View> {
    let direct = |name: &TableName, columns: &[Ident]| -> Vec<&'c View> {
        let uses = |v: &&View| {
            v.uses
                .iter()
                .any(|u| u.table == *name && (columns.is_empty() || u.columns.iter().any(|c| columns.contains(c))))
        };
        catalog.views.iter().filter(|v| v.kind != ViewKind::Rule).filter(uses).collect()
    };
    let mut found = direct(table, columns);
    let mut next = 0;
    while let Some(view) = found.get(next) {
        let more = direct(&view.name, &[]);
        for view in more {
            if !found.iter().any(|f| f.name == view.name) {
                found.push(view);
            }
        }
        next += 1;
    }
    found
}

/// Tables that a view reads, through other views as well.
pub(super) fn read_by<'c>(catalog: &'c Catalog, view: &View) -> Vec<&'c Table> {
    let mut names: Vec<&TableName> = view.uses.iter().map(|u| &u.table).collect();
    let mut next = 0;
    while let Some(name) = names.get(next).copied() {
        if let Some(under) = catalog.views.iter().find(|v| v.name == *name && v.kind != ViewKind::Rule) {
            let more: Vec<&TableName> = under.uses.iter().map(|u| &u.table).filter(|t| !names.contains(t)).collect();
            names.extend(more);
        }
        next += 1;
    }
    names.into_iter().filter_map(|n| catalog.table(n)).collect()
}

/// What stands in the way of changing a column's type or dropping it: (what it is, its name).
pub(super) fn dependants(catalog: &Catalog, table: &Table, column: &Ident) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let columns = std::slice::from_ref(column);
    // The column of a partition goes with the parent's, and what reads that one stands in the way as well.
    for part in descendants(catalog, &table.name) {
        for view in catalog.views_using(&part.name, columns) {
            found.push(("view", view.name.to_string()));
        }
        for policy in part.policies.iter().filter(|p| p.columns.contains(column)) {
            found.push(("policy", policy.name.to_string()));
        }
    }
    for view in catalog.views_using(&table.name, columns) {
        let what = match view.kind {
            ViewKind::View => "view",
            ViewKind::Materialized => "materialized view",
            ViewKind::Rule => "rule",
        };
        found.push((what, view.name.to_string()));
    }
    for trigger in table.triggers.iter().filter(|t| t.columns.contains(column)) {
        found.push(("trigger", trigger.name.to_string()));
    }
    for policy in table.policies.iter().filter(|p| p.columns.contains(column)) {
        found.push(("policy", policy.name.to_string()));
    }
    for generated in generated_from(table, column) {
        found.push(("generated column", generated.name.to_string()));
    }
    for function in &catalog.functions {
        let guarded = |u: &crate::model::objects::ColumnUse| u.table == table.name && u.columns.contains(column);
        if function.uses.iter().any(guarded) {
            found.push(("function", function.name.to_string()));
        }
    }
    for publication in &catalog.publications {
        let mentions = publication.tables.iter().any(|p| {
            p.table == table.name
                && (p.columns.contains(column)
                    || p.row_filter.as_deref().is_some_and(|f| names_word(f, column.as_str())))
        });
        if mentions {
            found.push(("publication", publication.name.to_string()));
        }
    }
    found
}

/// Generated columns that are computed from `column`.
pub(super) fn generated_from<'t>(table: &'t Table, column: &'t Ident) -> impl Iterator<Item = &'t Column> {
    table.columns.iter().filter(move |c| {
        c.generated.as_ref().is_some_and(|g| {
            matches!(g.kept, GeneratedKind::Stored | GeneratedKind::Virtual) && names_word(&g.sql, column.as_str())
        })
    })
}

/// True if `word` stands in the text as a whole identifier; a mention inside a string counts, which errs on the safe side.
pub(super) fn names_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|t| t.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(part) && !after.is_some_and(part)
    })
}

/// The domain of this name: whether a value of it has to be checked, and its base type.
pub(super) fn domain<'c>(catalog: &'c Catalog, type_name: &str) -> Option<(bool, &'c str)> {
    match &super::user_types::find(catalog, type_name)?.kind {
        DataTypeKind::Domain { base, not_null, checks, .. } => Some((*not_null || !checks.is_empty(), base.as_str())),
        _ => None,
    }
}

/// True if a valid constraint proves that the column is never NULL: a CHECK that says so, alone or joined by AND.
pub(super) fn proves_not_null(table: &Table, column: &Ident, dropped: &[Ident]) -> bool {
    table.constraints.iter().any(|c| c.valid && !dropped.contains(&c.name) && says_not_null(c, column))
}

/// True if a row that comes now may not be NULL there, whatever the older ones are.
pub(super) fn refuses_null(table: &Table, column: &Column) -> bool {
    column.not_null || table.constraints.iter().any(|c| says_not_null(c, &column.name))
}

pub(crate) fn says_not_null(constraint: &Constraint, column: &Ident) -> bool {
    constraint.kind == ConstraintKind::Check
        && constraint.enforced
        && conjuncts(&constraint.definition).iter().any(|part| is_not_null(part, column))
}

fn is_not_null(part: &str, column: &Ident) -> bool {
    let mut words = part.split_whitespace();
    let subject = words.next().unwrap_or("");
    let rest: Vec<String> = words.map(str::to_ascii_uppercase).collect();
    let named = subject.strip_prefix('"').and_then(|s| s.strip_suffix('"')).map(|s| s.replace("\"\"", "\""));
    named.as_deref().unwrap_or(subject) == column.as_str() && rest == ["IS", "NOT", "NULL"]
}

/// The parts of `CHECK (a AND b)` that all have to hold, parentheses around each removed.
pub(super) fn conjuncts(definition: &str) -> Vec<String> {
    let text = definition.trim();
    let text =
        text.get(..5).filter(|head| head.eq_ignore_ascii_case("check")).and_then(|_| text.get(5..)).unwrap_or(text);
    let text = text.trim().trim_end_matches("NOT VALID").trim_end_matches("NO INHERIT").trim();
    let mut done = Vec::new();
    let mut open = vec![text.to_owned()];
    while let Some(part) = open.pop() {
        let part = bare(&part);
        let pieces = split_and(part);
        if pieces.len() == 1 {
            done.push(part.to_owned());
        } else {
            open.extend(pieces.into_iter().rev());
        }
    }
    done
}

/// Without the parentheses that enclose all of it.
fn bare(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        let mut depth = 0i32;
        let closes_early = walk(inner).any(|(_, c)| {
            depth += i32::from(c == '(') - i32::from(c == ')');
            depth < 0
        });
        if closes_early {
            break;
        }
        text = inner.trim();
    }
    text
}

fn split_and(text: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let (mut depth, mut start) = (0i32, 0);
    for (at, c) in walk(text) {
        depth += i32::from(c == '(') - i32::from(c == ')');
        let here = text.get(at..at + 5).unwrap_or("");
        if depth == 0 && here.eq_ignore_ascii_case(" and ") {
            // BETWEEN a AND b is one comparison; it proves nothing we look for.
            if text.get(start..at).is_some_and(|t| t.to_ascii_lowercase().contains(" between ")) {
                return vec![text.to_owned()];
            }
            pieces.push(text.get(start..at).unwrap_or("").to_owned());
            start = at + 5;
        }
    }
    pieces.push(text.get(start..).unwrap_or("").to_owned());
    pieces
}

/// Characters outside quotes.
fn walk(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut quote = None;
    text.char_indices().filter(move |(_, c)| match quote {
        Some(q) => {
            if *c == q {
                quote = None;
            }
            false
        }
        None if matches!(c, '\'' | '"') => {
            quote = Some(*c);
            false
        }
        None => true,
    })
}

impl Catalog {
    fn partitions_of_name<'a>(&'a self, parent: &TableName) -> impl Iterator<Item = &'a Table> + use<'a> {
        let parent = parent.clone();
        self.tables.iter().filter(move |t| t.partition_of.as_ref().is_some_and(|p| p.parent == parent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conjunctions_come_apart() {
        assert_eq!(conjuncts("CHECK (((a IS NOT NULL) AND (b > 0)))"), ["a IS NOT NULL", "b > 0"]);
        assert_eq!(conjuncts("CHECK ((a IS NOT NULL)) NOT VALID"), ["a IS NOT NULL"]);
        assert_eq!(conjuncts("CHECK (((a > 0) OR (b IS NOT NULL)))").len(), 1);
        assert_eq!(conjuncts("CHECK ((t = ' and '::text) AND (b > 0))").len(), 2);
        assert_eq!(conjuncts("CHECK (a BETWEEN 1 AND 2)").len(), 1);
    }

    #[test]
    fn words_are_whole() {
        assert!(names_word("lower(name)", "name"));
        assert!(!names_word("lower(username)", "name"));
        assert!(names_word("(a + \"B\")", "B"));
    }
}
