//! The part of a catalog that a plan can meet.

use super::catalog::{Catalog, Table};
use super::name::TableName;
use std::collections::BTreeSet;

impl Catalog {
    /// The part of the catalog that a plan about `names` can meet: these tables, their partitions and parents, both ends of
    /// their foreign keys, and every object that is not a table. Keeps a plan's cost independent of the catalog's size.
    #[must_use]
    pub fn excerpt(&self, names: &BTreeSet<TableName>) -> Self {
        let parent = |t: &Table| t.partition_of.as_ref().map(|p| p.parent.clone());
        let mut near = names.clone();
        near.extend(self.tables.iter().filter(|t| names.contains(&t.name)).filter_map(parent));
        // Partitions of partitions: until nothing is added.
        loop {
            let before = near.len();
            let more: Vec<TableName> = self
                .tables
                .iter()
                .filter(|t| parent(t).is_some_and(|p| near.contains(&p)))
                .map(|t| t.name.clone())
                .collect();
            near.extend(more);
            if near.len() == before {
                break;
            }
        }
        let mut partners = near.clone();
        for table in &self.tables {
            for (_, reference) in table.foreign_keys() {
                if near.contains(&table.name) {
                    partners.insert(reference.table.clone());
                } else if near.contains(&reference.table) {
                    partners.insert(table.name.clone());
                }
            }
        }
        Self {
            tables: self.tables.iter().filter(|t| partners.contains(&t.name)).cloned().collect(),
            format: self.format,
            database: self.database.clone(),
            captured_at: self.captured_at.clone(),
            server: self.server.clone(),
            search_path: self.search_path.clone(),
            views: self.views.clone(),
            sequences: self.sequences.clone(),
            types: self.types.clone(),
            extensions: self.extensions.clone(),
            functions: self.functions.clone(),
            volatilities: self.volatilities.clone(),
            publications: self.publications.clone(),
            subscriptions: self.subscriptions.clone(),
            slots: self.slots.clone(),
            replicas: self.replicas.clone(),
            transactions: self.transactions.clone(),
            wraparound: self.wraparound,
            gaps: self.gaps.clone(),
        }
    }
}
