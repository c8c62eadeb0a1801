//! Types that users made: found by the way a column or a script spells them, spelled as the server prints them, and who uses them.

use super::dialect::dialect;
use crate::model::objects::{DataType, DataTypeKind};
use crate::model::{Catalog, Column, Engine, Ident, Table, TableName};
use crate::sql::{ObjectName, canonical_type};

/// Schema and name of a spelling, modifiers and `[]` left out.
fn parts(spelled: &str) -> Option<(Option<Ident>, Ident)> {
    let mut names = Vec::new();
    let mut rest = spelled.trim();
    loop {
        let (name, after) = match rest.strip_prefix('"') {
            Some(quoted) => {
                let mut end = 0;
                loop {
                    let at = end + quoted.get(end..)?.find('"')?;
                    if !quoted.get(at + 1..)?.starts_with('"') {
                        end = at;
                        break;
                    }
                    end = at + 2;
                }
                (quoted.get(..end)?.replace("\"\"", "\""), quoted.get(end + 1..)?)
            }
            None => {
                let end = rest.find(['.', '(', '[']).unwrap_or(rest.len());
                (rest.get(..end)?.trim().to_ascii_lowercase(), rest.get(end..)?)
            }
        };
        names.push(Ident(name));
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None => break,
        }
    }
    let name = names.pop()?;
    Some((names.pop(), name))
}

fn named<'c>(catalog: &'c Catalog, schema: Option<&Ident>, name: &Ident) -> Option<&'c DataType> {
    let at = |schema: &Ident| catalog.types.iter().find(|t| t.name.name == *name && t.name.schema == *schema);
    match schema {
        Some(schema) => at(schema),
        None => catalog.search_path.iter().find_map(at),
    }
}

/// The type of a column or of a script's text: `status`, `shop."Order Status"`, `public.status[]`.
pub fn find<'c>(catalog: &'c Catalog, spelled: &str) -> Option<&'c DataType> {
    let (schema, name) = parts(spelled)?;
    named(catalog, schema.as_ref(), &name)
}

pub fn by_name<'c>(catalog: &'c Catalog, name: &ObjectName) -> Option<&'c DataType> {
    named(catalog, name.schema.as_ref(), &name.name)
}

/// The full name; an unknown unqualified name is taken to be in the first schema of the search path.
pub fn resolve(catalog: &Catalog, name: &ObjectName) -> TableName {
    by_name(catalog, name).map_or_else(
        || {
            let first = catalog.search_path.first().cloned().unwrap_or_else(|| "public".into());
            TableName { schema: name.schema.clone().unwrap_or(first), name: name.name.clone() }
        },
        |t| t.name.clone(),
    )
}

/// `canonical_type`, with the full name of a type that users made, as `format_type` prints it in the catalog.
pub fn canonical(catalog: &Catalog, written: &str) -> String {
    let canonical = canonical_type(written);
    match find(catalog, &canonical) {
        Some(found) => spelled(&found.name, canonical.ends_with("[]")),
        None => canonical,
    }
}

pub fn spelled(name: &TableName, array: bool) -> String {
    format!("{}{}", dialect(Engine::Postgresql).name(name), if array { "[]" } else { "" })
}

/// True if the column is of the type, or an array of it.
pub fn is_of(catalog: &Catalog, column: &Column, name: &TableName) -> bool {
    find(catalog, &column.data_type).is_some_and(|t| t.name == *name)
}

/// Columns of the type, by table; those of its arrays as well.
pub fn columns_of<'c>(catalog: &'c Catalog, name: &'c TableName) -> impl Iterator<Item = (&'c Table, &'c Column)> {
    catalog
        .tables
        .iter()
        .flat_map(move |t| t.columns.iter().filter(move |c| is_of(catalog, c, name)).map(move |c| (t, c)))
}

/// Columns whose values are of the type through a domain, an array or a row type as well.
pub fn users<'c>(catalog: &'c Catalog, name: &TableName) -> Vec<(&'c Table, &'c Column)> {
    let mut names = vec![name.clone()];
    let mut next = 0;
    while let Some(one) = names.get(next).cloned() {
        next += 1;
        let over = |spelled: &str| find(catalog, spelled).is_some_and(|t| t.name == one);
        let more: Vec<TableName> = catalog
            .types
            .iter()
            .filter(|t| match &t.kind {
                DataTypeKind::Domain { base, .. } => over(base),
                DataTypeKind::Composite { attributes } => attributes.iter().any(|a| over(&a.data_type)),
                DataTypeKind::Enum { .. } => false,
            })
            .map(|t| t.name.clone())
            .filter(|n| !names.contains(n))
            .collect();
        names.extend(more);
    }
    let mut found = Vec::new();
    for table in &catalog.tables {
        for column in &table.columns {
            if names.iter().any(|n| is_of(catalog, column, n)) {
                found.push((table, column));
            }
        }
    }
    found
}

/// The labels of an enum, in order.
pub fn labels<'c>(catalog: &'c Catalog, spelled: &str) -> Option<&'c [String]> {
    match &find(catalog, spelled)?.kind {
        DataTypeKind::Enum { labels } => Some(labels),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_taken_apart() {
        let of = |s: &str| parts(s).map(|(a, b)| (a.map(|a| a.0), b.0));
        assert_eq!(of("status"), Some((None, "status".into())));
        assert_eq!(of("Public.Status[]"), Some((Some("public".into()), "status".into())));
        assert_eq!(of("shop.\"Order \"\"x\"\" (Status)\""), Some((Some("shop".into()), "Order \"x\" (Status)".into())));
    }
}
