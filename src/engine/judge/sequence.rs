//! Sequences, and comments: what reaches tables through what they use.

use super::rest::Rest;
use super::{Judge, roles};
use crate::engine::effect::{Extent, Roles, Values};
use crate::engine::facts::Role;
use crate::engine::relations;
use crate::model::objects::Sequence;
use crate::model::{Table, TableName};
use crate::sql::{ObjectName, SequenceOption};

impl<'a> Judge<'a> {
    pub(super) fn sequence(&self, name: &ObjectName) -> Option<&'a Sequence> {
        let path = &self.catalog.search_path;
        self.catalog.sequences.iter().find(|s| {
            s.name.name == name.name
                && name.schema.as_ref().map_or_else(|| path.contains(&s.name.schema), |schema| s.name.schema == *schema)
        })
    }

    pub(super) fn alter_sequence(&mut self, name: &ObjectName, options: &[SequenceOption]) {
        let Some(sequence) = self.sequence(name) else {
            return self.effect.refuse(format!("there is no sequence `{name}` (42P01)"));
        };
        let owner = |text: &str| text.to_ascii_lowercase().starts_with("owner to");
        let logged = |text: &str| text.to_ascii_lowercase().ends_with("logged");
        let mut when = "always";
        for option in options {
            match option {
                SequenceOption::Other(text) if owner(text) => {
                    when = "moves";
                    self.owned(sequence);
                }
                SequenceOption::Other(text) if logged(text) => when = "moves",
                SequenceOption::RenameTo(_) | SequenceOption::SetSchema(_) => when = "moves",
                SequenceOption::OwnedBy(Some((table, _))) => {
                    self.find(table);
                }
                _ => {}
            }
        }
        let roles = roles([(Role::Sequence, vec![sequence.name.clone()])]);
        self.effect.apply("alter-sequence", when, &roles, Extent::default(), &Values::new());
        self.effect.raise("sequence-blocks-inserts", &[("sequence", sequence.name.to_string())]);
    }

    /// The sequence of a column belongs where its table is.
    pub(super) fn owned(&mut self, sequence: &Sequence) {
        if let Some(owner) = &sequence.owned_by {
            self.effect.refuse(format!("`{}` belongs to `{}` and moves with it (0A000)", sequence.name, owner.table));
        }
    }

    pub(super) fn drop_sequence(&mut self, name: &ObjectName, rest: &Rest) {
        let Some(sequence) = self.sequence(name) else {
            if !rest.if_exists() {
                self.effect.refuse(format!("there is no sequence `{name}` (42P01)"));
            }
            return self.effect.apply("drop-sequence", "absent", &Roles::new(), Extent::default(), &Values::new());
        };
        let draws = |t: &&Table| {
            t.columns.iter().any(|c| {
                let default = c.default.as_ref().filter(|d| d.sql.contains("nextval"));
                default.is_some_and(|d| relations::names_word(&d.sql, sequence.name.name.as_str()))
            })
        };
        let users: Vec<&Table> = self.catalog.tables.iter().filter(draws).collect();
        let identity = sequence.owned_by.as_ref().is_some_and(|o| {
            let column = self.catalog.table(&o.table).and_then(|t| t.column(&o.column));
            // Beside the identity's own another may be owned by the column: which is which is not told.
            let others = self.catalog.sequences.iter().filter(|s| s.owned_by.as_ref() == Some(o)).count();
            others == 1 && column.is_some_and(|c| c.identity.is_some())
        });
        if let (Some(user), false) = (users.first(), rest.cascade()) {
            self.effect.refuse(format!("a default of `{}` draws from `{}` (2BP01)", user.name, sequence.name));
        }
        if identity {
            self.effect.refuse(format!("`{}` belongs to an identity column (2BP01)", sequence.name));
        }
        let roles = roles([(Role::Sequence, vec![sequence.name.clone()]), (Role::Users, relations::names(users))]);
        self.effect.apply("drop-sequence", "always", &roles, Extent::default(), &Values::new());
    }

    pub(super) fn comment(&mut self, on: &str, table: Option<&ObjectName>) {
        let relation = matches!(on, "table" | "column" | "view" | "materialized-view" | "foreign-table");
        let full = table.map(|t| t.resolve(self.catalog));
        if let (true, Some(full)) = (relation, &full)
            && !self.is_relation(full)
        {
            self.effect.refuse(format!("there is no {} `{full}` (42P01)", on.replace('-', " ")));
        }
        let target: Vec<TableName> = full.into_iter().collect();
        let when = if relation { "table" } else { "other" };
        self.effect.apply("comment", when, &roles([(Role::Target, target)]), Extent::default(), &Values::new());
    }
}
