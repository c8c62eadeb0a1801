//! A catalog as lines to compare: what a plan must lead to, and what its undo must bring back.

use sidestep::model::{Catalog, ConstraintKind};
use sidestep::plan::Plan;
use std::collections::BTreeMap;

/// Lines, each with the words by which the plan may tell of it.
pub struct Structure(BTreeMap<String, Vec<String>>);

/// What a plan says of a difference.
pub struct Excuse {
    told: Vec<String>,
    not_null: bool,
    exact: bool,
}

impl Excuse {
    pub fn undo(told: &[&str]) -> Self {
        let not_null = told.iter().any(|t| t.contains("without NOT NULL"));
        Self { told: Vec::new(), not_null, exact: true }
    }
    pub fn findings(plan: &Plan) -> Self {
        let told = plan.findings.iter().map(|f| f.text.clone()).collect();
        Self { told, not_null: !plan.server.since(12), exact: false }
    }
    fn covers(&self, line: &str, words: &[String]) -> bool {
        (self.not_null && line.ends_with(" not null"))
            || (self.exact && line.ends_with(" valid"))
            // A key that becomes bigint takes its sequence along, which the server would leave behind.
            || (!self.exact && line.contains(" counts as "))
            || self.told.iter().any(|t| words.iter().any(|w| t.contains(&format!("`{w}`"))))
    }
}

pub fn structure(catalog: &Catalog) -> Structure {
    let mut lines = BTreeMap::new();
    let mut put = |line: String, words: Vec<String>| {
        lines.insert(line, words);
    };
    for t in &catalog.tables {
        let n = t.name.to_string();
        put(format!("{n} {:?} {:?}", t.kind, t.partition_of), vec![n.clone()]);
        put(
            format!(
                "{n} identity {} rls {} comment {:?}",
                t.replica_identity.as_deref().unwrap_or("default"),
                t.row_security,
                t.comment
            ),
            vec![n.clone()],
        );
        for c in &t.columns {
            let words = vec![c.name.to_string(), format!("{n}.{}", c.name), n.clone()];
            let default = c.default.as_ref().map(|d| if d.sql.starts_with("nextval") { "nextval" } else { &d.sql });
            put(
                format!("{n}.{} {} {default:?} {:?} {:?}", c.name, c.data_type, c.identity, c.generated),
                words.clone(),
            );
            if c.not_null {
                put(format!("{n}.{} not null", c.name), words.clone());
            }
            // What a partition says of a column beside its parent is not carried to another column.
            if t.partition_of.is_some() {
                continue;
            }
            put(
                format!(
                    "{n}.{} {:?} {:?} {:?} {:?} {:?}",
                    c.name, c.collation, c.storage, c.statistics, c.comment, c.grants
                ),
                words,
            );
        }
        for i in &t.indexes {
            let mut words = vec![i.name.to_string(), n.clone()];
            words.extend(i.uses.iter().map(ToString::to_string));
            let definition = bare(&i.definition);
            // A part of a partitioned index is named after its whole, not as the server would.
            let part = t.partition_of.is_some();
            let shown = if part { "of a partition".to_owned() } else { i.name.to_string() };
            let owner = i.constraint.as_ref().map(|c| if part { "of a partition" } else { c.as_str() });
            let definition = if part {
                definition.split_once("USING").map_or(String::new(), |d| d.1.to_owned())
            } else {
                definition
            };
            put(format!("{n} index {shown} {definition:?} {owner:?} {:?}", i.valid), words);
        }
        for c in t.constraints.iter().filter(|c| c.kind != ConstraintKind::NotNull) {
            let mut words = vec![c.name.to_string(), n.clone()];
            let key = matches!(c.kind, ConstraintKind::PrimaryKey | ConstraintKind::Unique);
            let shown = if key && t.partition_of.is_some() { "of a partition" } else { c.name.as_str() };
            words.extend(c.columns.iter().map(ToString::to_string));
            // A way back need not make a constraint unproved again.
            put(format!("{n} constraint {shown} {}", bare(c.definition.trim_end_matches(" NOT VALID"))), words.clone());
            if c.valid {
                put(format!("{n} constraint {shown} valid"), words);
            }
        }
        for g in &t.triggers {
            put(format!("{n} trigger {} {} {:?}", g.name, g.definition, g.columns), vec![n.clone()]);
        }
        for p in &t.policies {
            let using = p.using.as_deref().map(bare);
            put(format!("{n} policy {} {:?} {using:?}", p.name, p.columns), vec![n.clone()]);
        }
        for s in &t.statistics {
            put(format!("{n} statistics {} {:?}", s.name, s.columns), vec![n.clone()]);
        }
    }
    for s in &catalog.sequences {
        let mut words = vec![s.name.to_string()];
        words.extend(s.owned_by.iter().flat_map(|o| [o.table.to_string(), format!("{}.{}", o.table, o.column)]));
        put(format!("sequence {} {:?}", s.name, s.owned_by), words.clone());
        put(format!("sequence {} counts as {}", s.name, s.data_type), words);
    }
    for v in &catalog.views {
        let columns: Vec<String> = v.columns.iter().map(|c| format!("{} {}", c.name, c.data_type)).collect();
        let words = || vec![v.name.to_string()];
        put(format!("view {} {:?} {} {:?}", v.name, v.kind, columns.join(", "), v.comment), words());
        for stored in v.stored.iter() {
            put(format!("view {} filled {} {}", v.name, stored.populated, v.refreshes_concurrently), words());
            for i in &stored.indexes {
                put(format!("view {} index {} {} {:?}", v.name, i.name, bare(&i.definition), i.comment), words());
            }
        }
    }
    for p in &catalog.publications {
        put(format!("publication {} {:?}", p.name, p.tables), vec![p.name.to_string()]);
    }
    for f in &catalog.functions {
        put(format!("function {}", f.name), vec![f.name.to_string()]);
    }
    Structure(lines)
}

impl Structure {
    /// The first line that only one of the two has, and that the plan does not tell of.
    pub fn against(&self, found: &Self, excuse: &Excuse) -> Option<String> {
        let lost = self.0.iter().filter(|(l, _)| !found.0.contains_key(*l)).map(|e| ("missing", e));
        let left = found.0.iter().filter(|(l, _)| !self.0.contains_key(*l)).map(|e| ("left over", e));
        lost.chain(left)
            .find(|(_, (line, words))| !excuse.covers(line, words))
            .map(|(how, (line, _))| format!("{how}: {line}"))
            .filter(|_| excuse.exact || !self.0.is_empty())
    }
}

/// Without quotes, brackets and spaces: the model does not print an expression as a server does.
fn bare(definition: &str) -> String {
    definition.chars().filter(|c| !matches!(c, '"' | '(' | ')' | ' ')).collect()
}
