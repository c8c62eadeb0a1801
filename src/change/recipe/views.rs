//! Views that read a column, and the views over them: dropped from the top, created again from the bottom, with
//! everything that belongs to them. Those that took a second one beside them ([`super::second_views`]) change names instead.

use super::dependents::trigger;
use super::grants;
use super::second_views::{self, Second};
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
    seconds: Vec<Second<'c>>,
}

/// Every view that reads one of the columns, and every view over those.
///
/// # Errors
/// [`Refusal`] for a rule among them, and for a view whose text is not known.
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
    Ok(Chain { views, given: Vec::new(), seconds: Vec::new() })
}

fn reads(view: &View, table: &TableName, column: Option<&Ident>) -> bool {
    view.uses.iter().any(|u| u.table == *table && column.is_none_or(|c| u.columns.contains(c)))
}

/// `what` it reads, in backticks.
fn readable(view: &View, what: &str) -> Result<(), Refusal> {
    match view.kind {
        ViewKind::Rule => Err(Refusal::new(
            format!("the rule `{}` reads {what}", view.name),
            "Drop the rule first, or write it as a trigger; then plan this change.",
        )),
        _ if view.definition.trim().is_empty() => Err(Refusal::new(
            format!("the text of the view `{}`, which reads {what}, is not known", view.name),
            "Another session held a strong lock when the catalog was read: read it again.",
        )),
        ViewKind::Materialized if view.stored.is_none() => Err(Refusal::new(
            format!("the indexes of the materialised view `{}`, which reads {what}, are not known", view.name),
            "The catalog is of an older sidestep, which did not keep them: read it again.",
        )),
        ViewKind::View | ViewKind::Materialized => match view.held_by.first() {
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
    /// A materialised view among them has its rows from a query that no brief step may wait for.
    pub fn stores_rows(&self) -> bool {
        self.views.iter().any(|v| v.kind == ViewKind::Materialized)
    }
    /// Prepares the change of names in place of DROP and CREATE, for materialised views and all that they read; true if there
    /// are such. `moving`: tables, each with its columns and the columns that take over.
    pub fn prepare(&mut self, b: &mut Builder, moving: &[(TableName, Vec<(Ident, Ident)>)]) -> bool {
        let texts: Vec<(&'c View, String)> = second_views::beside(&self.views).map(|v| (v, self.text(b, v))).collect();
        self.seconds = second_views::prepare(b, texts, moving);
        !self.seconds.is_empty()
    }
    /// Drops what is left of the first ones, in the Contract phase.
    pub fn retire(&self, b: &mut Builder) {
        second_views::retire(b, &self.seconds);
    }
    fn apart(&self) -> impl DoubleEndedIterator<Item = &'c View> + '_ {
        self.views.iter().copied().filter(|v| !self.seconds.iter().any(|s| s.view.name == v.name))
    }
    /// From the top down, as readers take their locks; those with a second one step aside.
    pub fn drop(&self, b: &Builder) -> Vec<String> {
        let mut sql = self.drop_apart(b);
        sql.extend(second_views::aside(b, &self.seconds));
        sql
    }
    /// The same on the way back: the second ones step aside.
    pub fn drop_again(&self, b: &Builder) -> Vec<String> {
        let mut sql = self.drop_apart(b);
        sql.extend(second_views::aside_again(b, &self.seconds));
        sql
    }
    fn drop_apart(&self, b: &Builder) -> Vec<String> {
        self.apart().rev().map(|v| format!("DROP {} {}", kind(v), b.name(&v.name))).collect()
    }
    /// What their readers should know.
    pub fn notes(&self, b: &mut Builder) {
        for view in self.apart() {
            b.finding(
                Severity::Warning,
                format!(
                    "View `{}` is dropped and created again in the step that changes the column, with owner, options, grants and comments: who reads it waits that moment, and finds the new type. Cached plans over it fail once.",
                    view.name
                ),
            );
        }
        second_views::notes(b, &self.seconds);
    }
    /// Those that read the column itself, each by its own text.
    pub fn replace(&self, b: &Builder, table: &TableName, column: &Ident) -> Vec<String> {
        let part = |u: &TableName| is_part_of(b.catalog, u, table);
        let direct = self.views.iter().filter(|v| v.uses.iter().any(|u| part(&u.table) && u.columns.contains(column)));
        direct.map(|v| statement(b, v, true)).collect()
    }
    /// From the bottom up, with the catalog's own texts.
    pub fn create_as_before(&self, b: &Builder) -> Vec<String> {
        let mut sql = second_views::give_back(b, &self.seconds);
        sql.extend(self.apart().flat_map(|v| create(b, v, statement(b, v, false))));
        sql
    }
    /// From the bottom up.
    pub fn create(&self, b: &Builder) -> Vec<String> {
        let mut sql = second_views::take_over(b, &self.seconds);
        sql.extend(self.apart().flat_map(|v| create(b, v, self.text(b, v))));
        sql
    }
}

/// As the statements about it have it.
pub fn kind(view: &View) -> &'static str {
    if view.kind == ViewKind::Materialized { "MATERIALIZED VIEW" } else { "VIEW" }
}

/// `CREATE [OR REPLACE] VIEW` from the catalog's text; a materialised view is filled by it.
pub fn statement(b: &Builder, view: &View, or_replace: bool) -> String {
    let with = if view.options.is_empty() { String::new() } else { format!(" WITH ({})", view.options.join(", ")) };
    let body = view.definition.trim().trim_end_matches(';');
    let names: Vec<Ident> = view.columns.iter().map(|c| c.name.clone()).collect();
    let columns = if names.is_empty() { String::new() } else { format!(" ({})", b.ids(&names)) };
    let stored = view.stored.as_ref();
    let method = stored.and_then(|s| s.access_method.as_ref()).map(|m| format!(" USING {}", b.id(m)));
    let place = stored.and_then(|s| s.tablespace.as_ref()).map(|t| format!(" TABLESPACE {}", b.id(t)));
    let empty = if stored.is_some_and(|s| !s.populated) { "\nWITH NO DATA" } else { "" };
    format!(
        "CREATE {}{} {}{columns}{}{with}{} AS\n{body}{empty}",
        if or_replace { "OR REPLACE " } else { "" },
        kind(view),
        b.name(&view.name),
        method.unwrap_or_default(),
        place.unwrap_or_default(),
    )
}

/// The view with owner, defaults, comments, rules, triggers and grants; a materialised one with its indexes under their own
/// names. `text`: its statement.
pub fn create(b: &Builder, view: &View, text: String) -> Vec<String> {
    let mut sql = vec![text];
    let same = |name: &Ident| name.clone();
    sql.extend(second_views::indexes(b, view, &same));
    sql.extend(belongings(b, view));
    sql
}

/// Owner, defaults, comments, rules, triggers and grants of a view that was made anew.
pub fn belongings(b: &Builder, view: &View) -> Vec<String> {
    let v = b.name(&view.name);
    let d = b.dialect();
    let kind = kind(view);
    let mut sql = Vec::new();
    for column in &view.columns {
        if let Some(default) = &column.default {
            sql.push(format!("ALTER VIEW {v} ALTER COLUMN {} SET DEFAULT {default}", b.id(&column.name)));
        }
    }
    let rules = b.catalog.views.iter().filter(|r| r.rule_on.as_ref() == Some(&view.name));
    sql.extend(rules.map(|r| r.definition.trim().trim_end_matches(';').to_owned()));
    sql.extend(view.triggers.iter().flat_map(|g| trigger(b, &v, g)));
    if let Some(owner) = &view.owner {
        sql.push(format!("ALTER {kind} {v} OWNER TO {}", b.id(owner)));
    }
    if let Some(comment) = &view.comment {
        sql.push(format!("COMMENT ON {kind} {v} IS {}", d.literal(comment)));
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
