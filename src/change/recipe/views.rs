//! Views that read a column, and the views over them: dropped from the top, created again from the bottom, with
//! everything that belongs to them.

use super::dependents::trigger;
use super::grants;
use crate::change::Refusal;
use crate::model::objects::{View, ViewKind};
use crate::model::{Catalog, Ident, Table, TableName};
use crate::plan::Severity;
use crate::plan::assemble::is_part_of;
use crate::plan::build::Builder;

/// Views in the order in which they are created.
#[derive(Default)]
pub struct Chain<'c> {
    views: Vec<&'c View>,
    given: Vec<(TableName, String)>,
}

/// Every view that reads one of the columns, and every view over those.
///
/// # Errors
/// [`Refusal`] for a materialised view or a rule among them, and for a view whose text is not known.
pub fn chain<'c>(b: &Builder<'c>, columns: &[(&TableName, &Ident)]) -> Result<Chain<'c>, Refusal> {
    let seeds: Vec<(&TableName, Option<&Ident>)> = columns.iter().map(|(t, c)| (*t, Some(*c))).collect();
    above(b, &seeds)
}

/// Names of all that [`chain`] finds, refused or not.
pub fn names_above(catalog: &Catalog, table: &TableName, column: &Ident) -> Vec<TableName> {
    let mut found: Vec<&View> = catalog.views.iter().filter(|v| reads(v, table, Some(column))).collect();
    let mut at = 0;
    while let Some(view) = found.get(at).copied() {
        let over = |v: &&View| reads(v, &view.name, None) && !found.iter().any(|f| f.name == v.name);
        let more: Vec<&View> = catalog.views.iter().filter(over).collect();
        found.extend(more);
        at += 1;
    }
    found.into_iter().map(|v| v.name.clone()).collect()
}

/// Every view over a view.
///
/// # Errors
/// As [`chain`].
pub fn over<'c>(b: &Builder<'c>, view: &TableName) -> Result<Chain<'c>, Refusal> {
    above(b, &[(view, None)])
}

fn above<'c>(b: &Builder<'c>, seeds: &[(&TableName, Option<&Ident>)]) -> Result<Chain<'c>, Refusal> {
    let catalog = b.catalog;
    // A view over a partition reads that partition's column, which changes with the parent's.
    let parts = |whole: &TableName| {
        let part = |t: &&Table| t.name != *whole && is_part_of(catalog, &t.name, whole);
        catalog.tables.iter().filter(part).map(|t| &t.name).collect::<Vec<_>>()
    };
    let mut seeds = seeds.to_vec();
    seeds.extend(seeds.clone().into_iter().flat_map(|(t, c)| parts(t).into_iter().map(move |p| (p, c))));
    let seeded = |v: &&View| seeds.iter().any(|(table, column)| reads(v, table, *column));
    let mut found: Vec<&View> = catalog.views.iter().filter(seeded).collect();
    let mut at = 0;
    while let Some(view) = found.get(at).copied() {
        let over = |v: &&View| reads(v, &view.name, None) && !found.iter().any(|f| f.name == v.name);
        let more: Vec<&View> = catalog.views.iter().filter(over).collect();
        found.extend(more);
        at += 1;
    }
    for view in &found {
        let seed = seeds.iter().find(|(table, column)| reads(view, table, *column)).or(seeds.first());
        let what = match seed {
            Some((table, Some(column))) => format!("`{table}.{column}`"),
            Some((table, None)) => format!("`{table}`"),
            None => String::new(),
        };
        readable(view, &what)?;
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
    Ok(Chain { views, given: Vec::new() })
}

fn reads(view: &View, table: &TableName, column: Option<&Ident>) -> bool {
    view.uses.iter().any(|u| u.table == *table && column.is_none_or(|c| u.columns.contains(c)))
}

/// `what` it reads, in backticks.
fn readable(view: &View, what: &str) -> Result<(), Refusal> {
    match view.kind {
        ViewKind::Materialized => Err(Refusal::new(
            format!(
                "the materialised view `{}` reads {what}: it cannot be bound anew without being filled again",
                view.name
            ),
            format!(
                "Create a second one under another name over the column as it shall be, fill it, let readers use it, and drop `{}`; then plan this change.",
                view.name
            ),
        )),
        ViewKind::Rule => Err(Refusal::new(
            format!("the rule `{}` reads {what}", view.name),
            "Drop the rule first, or write it as a trigger; then plan this change.",
        )),
        ViewKind::View if view.definition.trim().is_empty() => Err(Refusal::new(
            format!("the text of the view `{}`, which reads {what}, is not known", view.name),
            "Another session held a strong lock when the catalog was read: read it again.",
        )),
        ViewKind::View => match view.held_by.first() {
            None => Ok(()),
            Some(holder) => Err(Refusal::new(
                format!(
                    "the view `{}` reads {what} and cannot be dropped for a moment: {holder} depends on it",
                    view.name
                ),
                format!("Free `{}` first (drop or rewrite what depends on it), then plan this change.", view.name),
            )),
        },
    }
}

impl<'c> Chain<'c> {
    pub fn is_empty(&self) -> bool {
        self.views.is_empty()
    }
    pub fn iter(&self) -> impl Iterator<Item = &'c View> + '_ {
        self.views.iter().copied()
    }
    fn text(&self, b: &Builder, view: &View) -> String {
        let given = self.given.iter().find(|(name, _)| *name == view.name);
        given.map_or_else(|| statement(b, view, false), |(_, text)| text.clone())
    }
    /// Texts that the script gives for some of them, in place of the catalog's.
    pub fn give(&mut self, given: Vec<(TableName, String)>) {
        self.given = given;
    }
    /// From the top down.
    pub fn drop(&self, b: &Builder) -> Vec<String> {
        self.views.iter().rev().map(|v| format!("DROP VIEW {}", b.name(&v.name))).collect()
    }
    /// What their readers should know.
    pub fn notes(&self, b: &mut Builder) {
        for view in &self.views {
            b.finding(
                Severity::Warning,
                format!(
                    "View `{}` is dropped and created again in the step that changes the column, with owner, options, grants and comments: who reads it waits that moment, and finds the new type. Cached plans over it fail once.",
                    view.name
                ),
            );
        }
    }
    /// Those that read the column itself, each by its own text.
    pub fn replace(&self, b: &Builder, table: &TableName, column: &Ident) -> Vec<String> {
        let part = |u: &TableName| is_part_of(b.catalog, u, table);
        let direct = self.views.iter().filter(|v| v.uses.iter().any(|u| part(&u.table) && u.columns.contains(column)));
        direct.map(|v| statement(b, v, true)).collect()
    }
    /// From the bottom up, with the catalog's own texts.
    pub fn create_as_before(&self, b: &Builder) -> Vec<String> {
        self.views.iter().flat_map(|v| create(b, v, statement(b, v, false))).collect()
    }
    /// From the bottom up.
    pub fn create(&self, b: &Builder) -> Vec<String> {
        self.views.iter().flat_map(|v| create(b, v, self.text(b, v))).collect()
    }
}

/// `CREATE [OR REPLACE] VIEW` from the catalog's text.
pub fn statement(b: &Builder, view: &View, or_replace: bool) -> String {
    let with = if view.options.is_empty() { String::new() } else { format!(" WITH ({})", view.options.join(", ")) };
    let body = view.definition.trim().trim_end_matches(';');
    let names: Vec<Ident> = view.columns.iter().map(|c| c.name.clone()).collect();
    let columns = if names.is_empty() { String::new() } else { format!(" ({})", b.ids(&names)) };
    format!(
        "CREATE {}VIEW {}{columns}{with} AS\n{body}",
        if or_replace { "OR REPLACE " } else { "" },
        b.name(&view.name)
    )
}

/// The view with owner, defaults, comments, rules, triggers and grants. `text`: its statement.
pub fn create(b: &Builder, view: &View, text: String) -> Vec<String> {
    let v = b.name(&view.name);
    let d = b.dialect();
    let mut sql = vec![text];
    for column in &view.columns {
        if let Some(default) = &column.default {
            sql.push(format!("ALTER VIEW {v} ALTER COLUMN {} SET DEFAULT {default}", b.id(&column.name)));
        }
    }
    let rules = b.catalog.views.iter().filter(|r| r.rule_on.as_ref() == Some(&view.name));
    sql.extend(rules.map(|r| r.definition.trim().trim_end_matches(';').to_owned()));
    sql.extend(view.triggers.iter().flat_map(|g| trigger(b, &v, g)));
    if let Some(owner) = &view.owner {
        sql.push(format!("ALTER VIEW {v} OWNER TO {}", b.id(owner)));
    }
    if let Some(comment) = &view.comment {
        sql.push(format!("COMMENT ON VIEW {v} IS {}", d.literal(comment)));
    }
    for column in &view.columns {
        if let Some(comment) = &column.comment {
            sql.push(format!("COMMENT ON COLUMN {v}.{} IS {}", b.id(&column.name), d.literal(comment)));
        }
    }
    sql.extend(grants::again(b.dialect(), &view.grants, view.owner.as_ref(), &v, None, false));
    for column in &view.columns {
        sql.extend(grants::again(b.dialect(), &column.grants, None, &v, Some(&column.name), false));
    }
    sql
}
