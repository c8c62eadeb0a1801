//! What reads a column by its number and not by its name: triggers with a column list, policies, published tables, virtual
//! columns, views. After a swap of names they would still read the old column: they are taken off and put on again in
//! the very transaction in which the name changes hands.

use super::grants;
use super::views::{Chain, chain};
use crate::change::Refusal;
use crate::model::catalog::GeneratedKind;
use crate::model::objects::{Policy, PublishedTable, Trigger};
use crate::model::{Column, Ident, Index, Table, TableName};
use crate::plan::Severity;
use crate::plan::assemble::is_part_of;
use crate::plan::build::Builder;
use crate::sql;

/// Everything that reads the column and can be bound anew by the catalog alone.
pub struct Dependents<'c> {
    table: &'c Table,
    column: Ident,
    pub triggers: Vec<&'c Trigger>,
    policies: Vec<&'c Policy>,
    published: Vec<(&'c Ident, &'c PublishedTable)>,
    virtuals: Vec<(&'c Column, &'c str)>,
    pub views: Chain<'c>,
}

/// A generated column that is computed from `column`.
pub fn generated_from<'t>(
    table: &'t Table,
    column: &Ident,
) -> impl Iterator<Item = (&'t Column, &'t str, GeneratedKind)> {
    let column = column.clone();
    table.columns.iter().filter_map(move |c| {
        let generated = c.generated.as_ref()?;
        sql::expression(&generated.sql).columns.contains(&column).then_some((c, generated.sql.as_str(), generated.kept))
    })
}

impl<'c> Dependents<'c> {
    /// # Errors
    /// [`Refusal`] naming what no statement can bind to another column: stored generated columns, `BEGIN ATOMIC`
    /// functions, rules of tables, materialised views.
    pub fn of(b: &Builder<'c>, table: &'c Table, column: &Ident) -> Result<Self, Refusal> {
        let mut found = Self::without_views(b, table, column)?;
        found.views = chain(b, &[(&table.name, column)])?;
        Ok(found)
    }

    fn without_views(b: &Builder<'c>, table: &'c Table, column: &Ident) -> Result<Self, Refusal> {
        let name = &table.name;
        for (generated, _, kept) in generated_from(table, column) {
            if kept == GeneratedKind::Stored {
                return Err(Refusal::new(
                    format!(
                        "the generated column `{name}.{}` is computed from `{column}` and stored: no server binds it to another column without writing the whole table anew",
                        generated.name
                    ),
                    format!(
                        "Plan the drop of `{0}` first, and add it again afterwards: the plan for `ADD COLUMN {0} … GENERATED` fills a plain column by a trigger.",
                        generated.name
                    ),
                ));
            }
        }
        atomic_functions(b, table, column)?;
        on_partitions(b, table, column)?;
        let mentions = |p: &PublishedTable| {
            p.columns.contains(column)
                || p.row_filter.as_deref().is_some_and(|f| sql::expression(f).columns.contains(column))
        };
        Ok(Self {
            table,
            column: column.clone(),
            triggers: table.triggers.iter().filter(|t| t.columns.contains(column)).collect(),
            policies: table.policies.iter().filter(|p| p.columns.contains(column)).collect(),
            published: b
                .catalog
                .publications
                .iter()
                .flat_map(|p| p.tables.iter().map(move |t| (&p.name, t)))
                .filter(|(_, t)| t.table == *name && mentions(t))
                .collect(),
            virtuals: generated_from(table, column).map(|(c, sql, _)| (c, sql)).collect(),
            views: Chain::default(),
        })
    }

    pub fn is_empty(&self) -> bool {
        self.triggers.is_empty()
            && self.policies.is_empty()
            && self.published.is_empty()
            && self.virtuals.is_empty()
            && self.views.is_empty()
    }

    /// `view v`, `trigger g`: for the reader.
    pub fn listed(&self) -> String {
        let mut all: Vec<String> = self.views.iter().map(|v| format!("view `{}`", v.name)).collect();
        all.extend(self.triggers.iter().map(|t| format!("trigger `{}`", t.name)));
        all.extend(self.policies.iter().map(|p| format!("policy `{}`", p.name)));
        all.extend(self.virtuals.iter().map(|(c, _)| format!("generated column `{}`", c.name)));
        all.extend(self.published.iter().map(|(p, _)| format!("publication `{p}`")));
        all.join(", ")
    }

    /// Takes everything off the column: views before their tables, as their readers take the locks.
    pub fn off(&self, b: &Builder) -> Vec<String> {
        self.off_behind(b, self.views.drop(b))
    }

    /// The same on the way back.
    pub fn off_again(&self, b: &Builder) -> Vec<String> {
        self.off_behind(b, self.views.drop_again(b))
    }

    fn off_behind(&self, b: &Builder, mut sql: Vec<String>) -> Vec<String> {
        let t = b.name(&self.table.name);
        sql.extend(self.triggers.iter().map(|g| format!("DROP TRIGGER {} ON {t}", b.id(&g.name))));
        sql.extend(self.policies.iter().map(|p| format!("DROP POLICY {} ON {t}", b.id(&p.name))));
        sql.extend(self.published.iter().map(|(p, _)| format!("ALTER PUBLICATION {} DROP TABLE {t}", b.id(p))));
        for (column, _) in &self.virtuals {
            sql.push(format!(
                "ALTER TABLE {t} ALTER COLUMN {} SET EXPRESSION AS (NULL::{})",
                b.id(&column.name),
                column.data_type
            ));
        }
        sql
    }

    /// Puts everything on again, bound to the column that bears the name now.
    pub fn on(&self, b: &Builder) -> Vec<String> {
        let mut sql = self.small(b);
        sql.extend(self.views.create(b));
        sql
    }

    /// The same with the catalog's own texts: the way back.
    pub fn on_as_before(&self, b: &Builder) -> Vec<String> {
        let mut sql = self.small(b);
        sql.extend(self.views.create_as_before(b));
        sql
    }

    /// All but the views.
    fn small(&self, b: &Builder) -> Vec<String> {
        let t = b.name(&self.table.name);
        let mut sql = self.computed(b);
        sql.extend(self.policies.iter().flat_map(|p| policy(b, self.table, p)));
        sql.extend(self.triggers.iter().flat_map(|g| trigger(b, &t, g)));
        for (publication, published) in &self.published {
            let mut add = format!("ALTER PUBLICATION {} ADD TABLE {t}", b.id(publication));
            if !published.columns.is_empty() {
                add.push_str(&format!(" ({})", b.ids(&published.columns)));
            }
            if let Some(filter) = &published.row_filter {
                add.push_str(&format!(" WHERE ({filter})"));
            }
            sql.push(add);
        }
        sql
    }

    /// Views, policies and computed columns once more as they are, bound to the column that bears the name now and has the
    /// type of the one before: no view has to go for that.
    pub fn anew(&self, b: &Builder) -> Vec<String> {
        let mut sql: Vec<String> = self
            .policies
            .iter()
            .map(|p| format!("DROP POLICY {} ON {}", b.id(&p.name), b.name(&self.table.name)))
            .collect();
        sql.extend(self.policies.iter().flat_map(|p| policy(b, self.table, p)));
        sql.extend(self.computed(b));
        sql.extend(self.views.replace(b, &self.table.name, &self.column));
        sql
    }

    /// The same where its views go for a moment, by [`Chain::drop`]. The first list binds to the new column, the second is the
    /// way back.
    pub fn anew_without_views(&self, b: &Builder) -> (Vec<String>, Vec<String>) {
        let off =
            self.policies.iter().map(|p| format!("DROP POLICY {} ON {}", b.id(&p.name), b.name(&self.table.name)));
        let off: Vec<String> = off.collect();
        let on = |views: Vec<String>| {
            let policies = self.policies.iter().flat_map(|p| policy(b, self.table, p));
            [off.clone(), policies.collect(), self.computed(b), views].concat()
        };
        (on(self.views.create(b)), on(self.views.create_as_before(b)))
    }

    /// The catalogs that hold what [`Self::anew`] binds.
    pub fn catalogs(&self) -> Vec<&'static str> {
        let mut all = Vec::new();
        if !self.views.is_empty() {
            all.push("pg_rewrite");
        }
        if !self.policies.is_empty() {
            all.push("pg_policy");
        }
        if !self.virtuals.is_empty() {
            all.push("pg_attrdef");
        }
        all
    }

    pub fn publication(&self) -> Option<&Ident> {
        self.published.first().map(|(name, _)| *name)
    }

    fn computed(&self, b: &Builder) -> Vec<String> {
        let t = b.name(&self.table.name);
        let again = |(column, sql): &(&Column, &str)| {
            format!("ALTER TABLE {t} ALTER COLUMN {} SET EXPRESSION AS ({sql})", b.id(&column.name))
        };
        self.virtuals.iter().map(again).collect()
    }

    /// What the reader should know of a change of type under these.
    pub fn notes(&self, b: &mut Builder) {
        self.views.notes(b);
        for (publication, _) in &self.published {
            b.finding(
                Severity::Warning,
                format!(
                    "Publication `{publication}` names `{}` of `{}`: change the column on every subscriber first, so that it takes the new type.",
                    self.column, self.table.name
                ),
            );
        }
    }
}

/// What reads any of several columns, each once: they change hands in one transaction.
#[derive(Default)]
pub struct All<'c> {
    each: Vec<Dependents<'c>>,
    pub views: Chain<'c>,
}

impl<'c> All<'c> {
    /// # Errors
    /// As [`Dependents::of`].
    pub fn of(b: &Builder<'c>, columns: &[(&'c Table, &Ident)]) -> Result<Self, Refusal> {
        let mut each: Vec<Dependents> = Vec::new();
        for (table, column) in columns {
            let mut found = Dependents::without_views(b, table, column)?;
            for seen in each.iter().filter(|d| d.table.name == table.name) {
                found.triggers.retain(|t| !seen.triggers.iter().any(|s| s.name == t.name));
                found.policies.retain(|p| !seen.policies.iter().any(|s| s.name == p.name));
                found.published.retain(|(p, _)| !seen.published.iter().any(|(s, _)| s == p));
                found.virtuals.retain(|(c, _)| !seen.virtuals.iter().any(|(s, _)| s.name == c.name));
            }
            each.push(found);
        }
        let seeds: Vec<(&TableName, &Ident)> = columns.iter().map(|(t, c)| (&t.name, *c)).collect();
        Ok(Self { each, views: chain(b, &seeds)? })
    }

    pub fn off(&self, b: &Builder) -> Vec<String> {
        self.each.iter().flat_map(|d| d.off(b)).collect()
    }

    pub fn on(&self, b: &Builder) -> Vec<String> {
        let mut sql: Vec<String> = self.each.iter().flat_map(|d| d.on(b)).collect();
        sql.extend(self.views.create(b));
        sql
    }

    /// The same with the catalog's own texts: the way back.
    pub fn on_as_before(&self, b: &Builder) -> Vec<String> {
        let mut sql: Vec<String> = self.each.iter().flat_map(|d| d.on(b)).collect();
        sql.extend(self.views.create_as_before(b));
        sql
    }

    /// For people.
    pub fn listed(&self) -> Vec<String> {
        let each = self.each.iter().filter(|d| !d.is_empty()).map(Dependents::listed);
        each.chain(self.views.iter().map(|v| format!("view `{}`", v.name))).collect()
    }

    pub fn notes(&self, b: &mut Builder) {
        self.each.iter().for_each(|d| d.notes(b));
        self.views.notes(b);
    }
}

/// What reads the column on a partition and is not the parent's.
///
/// # Errors
/// [`Refusal`] naming the policy or trigger.
fn on_partitions(b: &Builder, table: &Table, column: &Ident) -> Result<(), Refusal> {
    for part in b.catalog.tables.iter().filter(|t| t.name != table.name && is_part_of(b.catalog, &t.name, &table.name))
    {
        let of_parent = |i: &Index| {
            let same = |p: &Index| {
                (&p.keys, &p.include, &p.predicate, &p.method) == (&i.keys, &i.include, &i.predicate, &i.method)
            };
            table.indexes.iter().any(same)
        };
        if let Some(own) = part.indexes.iter().find(|i| i.uses.contains(column) && !of_parent(i)) {
            return Err(Refusal::new(
                format!(
                    "index `{}` is the partition `{}`'s own and reads `{column}`: it would stay behind with the old column",
                    own.name, part.name
                ),
                "Drop it first, and build it again after this change; or build one on the parent, which the plan takes along.",
            ));
        }
        let policy = part.policies.iter().find(|p| p.columns.contains(column)).map(|p| ("policy", &p.name));
        let own = |name: &Ident| !table.triggers.iter().any(|t| t.name == *name);
        let trigger = part.triggers.iter().find(|t| t.columns.contains(column) && own(&t.name));
        if let Some((what, name)) = policy.or(trigger.map(|t| ("trigger", &t.name))) {
            return Err(Refusal::new(
                format!(
                    "{what} `{name}` on the partition `{}` reads `{column}`, and would go on reading the old column",
                    part.name
                ),
                format!(
                    "Drop the {what} first and create it again after this change, or have one on the parent instead."
                ),
            ));
        }
    }
    Ok(())
}

/// A body that the server keeps parsed holds on to columns by number.
///
/// # Errors
/// [`Refusal`] naming the function.
pub fn atomic_functions(b: &Builder, table: &Table, column: &Ident) -> Result<(), Refusal> {
    let holds =
        b.catalog.functions.iter().find(|f| f.uses.iter().any(|u| u.table == table.name && u.columns.contains(column)));
    match holds {
        None => Ok(()),
        Some(function) => Err(Refusal::new(
            format!(
                "function `{}({})` reads `{}.{column}` in a BEGIN ATOMIC body, which holds on to that very column",
                function.name, function.arguments, table.name
            ),
            "Write its body as a quoted text first (CREATE OR REPLACE FUNCTION … AS $$ … $$), then plan this change.",
        )),
    }
}

/// `CREATE POLICY` as it stands, with its comment.
pub fn policy(b: &Builder, table: &Table, policy: &Policy) -> Vec<String> {
    let (t, n) = (b.name(&table.name), b.id(&policy.name));
    let mut create = format!("CREATE POLICY {n} ON {t}");
    if !policy.permissive {
        create.push_str(" AS RESTRICTIVE");
    }
    create.push_str(&format!(" FOR {}", policy.command));
    let roles: Vec<String> =
        policy.roles.iter().map(|r| if r.as_str() == "public" { "PUBLIC".to_owned() } else { b.id(r) }).collect();
    if !roles.is_empty() {
        create.push_str(&format!(" TO {}", roles.join(", ")));
    }
    if let Some(using) = &policy.using {
        create.push_str(&format!(" USING ({using})"));
    }
    if let Some(check) = &policy.check {
        create.push_str(&format!(" WITH CHECK ({check})"));
    }
    let mut sql = vec![create];
    if let Some(comment) = &policy.comment {
        sql.push(format!("COMMENT ON POLICY {n} ON {t} IS {}", b.dialect().literal(comment)));
    }
    sql
}

/// `CREATE TRIGGER` as it stands, in the state it is in, with its comment. `on`: its table or view as SQL.
pub fn trigger(b: &Builder, on: &str, trigger: &Trigger) -> Vec<String> {
    let n = b.id(&trigger.name);
    let mut sql = vec![trigger.definition.clone()];
    let state = match trigger.enabled.as_deref() {
        Some("disabled") => "DISABLE TRIGGER",
        Some("replica") => "ENABLE REPLICA TRIGGER",
        Some("always") => "ENABLE ALWAYS TRIGGER",
        _ => "",
    };
    if !state.is_empty() {
        sql.push(format!("ALTER TABLE {on} {state} {n}"));
    }
    if let Some(comment) = &trigger.comment {
        sql.push(format!("COMMENT ON TRIGGER {n} ON {on} IS {}", b.dialect().literal(comment)));
    }
    sql
}

/// Grants of a column on its successor.
pub fn column_grants(b: &Builder, table: &Table, column: &Column, on: &Ident) -> Vec<String> {
    grants::again(b.dialect(), &column.grants, None, &b.name(&table.name), Some(on), false)
}
