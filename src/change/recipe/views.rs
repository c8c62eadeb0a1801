//! Views that read a column, and the views over them: dropped from the top, created again from the bottom, with
//! everything that belongs to them.

use super::grants;
use crate::change::Refusal;
use crate::model::objects::{View, ViewKind};
use crate::model::{Ident, TableName};
use crate::plan::build::Builder;

/// Views in the order in which they are created.
#[derive(Default)]
pub struct Chain<'c> {
    views: Vec<&'c View>,
}

/// Every view that reads `column` of `table`, and every view over those.
///
/// # Errors
/// [`Refusal`] for a materialised view or a rule among them, and for a view whose text is not known.
pub fn chain<'c>(b: &Builder<'c>, table: &TableName, column: &Ident) -> Result<Chain<'c>, Refusal> {
    let catalog = b.catalog;
    let mut found: Vec<&View> = catalog.views.iter().filter(|v| reads(v, table, Some(column))).collect();
    let mut at = 0;
    while let Some(view) = found.get(at).copied() {
        let over = |v: &&View| reads(v, &view.name, None) && !found.iter().any(|f| f.name == v.name);
        let more: Vec<&View> = catalog.views.iter().filter(over).collect();
        found.extend(more);
        at += 1;
    }
    for view in &found {
        readable(view, table, column)?;
    }
    let mut views: Vec<&View> = Vec::new();
    while views.len() < found.len() {
        // A view goes after those of the chain that it reads.
        let next = found.iter().find(|v| {
            !views.iter().any(|w| w.name == v.name)
                && v.uses.iter().all(|u| {
                    u.table == v.name
                        || !found.iter().any(|f| f.name == u.table)
                        || views.iter().any(|w| w.name == u.table)
                })
        });
        match next {
            Some(view) => views.push(view),
            None => break,
        }
    }
    Ok(Chain { views })
}

fn reads(view: &View, table: &TableName, column: Option<&Ident>) -> bool {
    view.uses.iter().any(|u| u.table == *table && column.is_none_or(|c| u.columns.contains(c)))
}

fn readable(view: &View, table: &TableName, column: &Ident) -> Result<(), Refusal> {
    match view.kind {
        ViewKind::Materialized => Err(Refusal::new(
            format!(
                "the materialised view `{}` reads `{table}.{column}`: it cannot be bound anew without being filled again",
                view.name
            ),
            format!(
                "Create a second one under another name over the column as it shall be, fill it, let readers use it, and drop `{}`; then plan this change.",
                view.name
            ),
        )),
        ViewKind::Rule => Err(Refusal::new(
            format!("the rule `{}` reads `{table}.{column}`", view.name),
            "Drop the rule first, or write it as a trigger; then plan this change.",
        )),
        ViewKind::View if view.definition.trim().is_empty() => Err(Refusal::new(
            format!("the text of the view `{}`, which reads `{table}.{column}`, is not known", view.name),
            "Another session held a strong lock when the catalog was read: read it again.",
        )),
        ViewKind::View => Ok(()),
    }
}

impl<'c> Chain<'c> {
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }
    pub fn iter(&self) -> impl Iterator<Item = &'c View> + '_ {
        self.views.iter().copied()
    }
    /// From the top down.
    pub fn drop(&self, b: &Builder) -> Vec<String> {
        self.views.iter().rev().map(|v| format!("DROP VIEW {}", b.name(&v.name))).collect()
    }
    /// Those that read the column itself, each by its own text.
    pub fn replace(&self, b: &Builder, table: &TableName, column: &Ident) -> Vec<String> {
        let direct = self.views.iter().filter(|v| reads(v, table, Some(column)));
        direct.map(|v| statement(b, v, true)).collect()
    }
    /// From the bottom up.
    pub fn create(&self, b: &Builder) -> Vec<String> {
        self.views.iter().flat_map(|v| create(b, v)).collect()
    }
}

/// `CREATE [OR REPLACE] VIEW` from the catalog's text.
pub fn statement(b: &Builder, view: &View, or_replace: bool) -> String {
    let with = if view.options.is_empty() { String::new() } else { format!(" WITH ({})", view.options.join(", ")) };
    let body = view.definition.trim().trim_end_matches(';');
    format!("CREATE {}VIEW {}{with} AS\n{body}", if or_replace { "OR REPLACE " } else { "" }, b.name(&view.name))
}

/// The view with owner, defaults, comments, triggers and grants.
pub fn create(b: &Builder, view: &View) -> Vec<String> {
    let v = b.name(&view.name);
    let mut sql = vec![statement(b, view, false)];
    if let Some(owner) = &view.owner {
        sql.push(format!("ALTER VIEW {v} OWNER TO {}", b.id(owner)));
    }
    if let Some(comment) = &view.comment {
        sql.push(format!("COMMENT ON VIEW {v} IS {}", b.dialect().literal(comment)));
    }
    sql.extend(grants::again(b, &v, None, &view.grants, view.owner.as_ref()));
    sql
}
