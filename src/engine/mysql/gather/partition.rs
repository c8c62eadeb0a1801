//! Partitions: each kind has its own way, and most take no clause.

use super::Gather;
use crate::engine::mysql::known::{self, same};
use crate::model::{ConstraintKind, Ident, LockMode};
use crate::sql::mysql::statement::PartitionAction;

impl<'a> Gather<'a> {
    pub(super) fn partition(&mut self, action: &PartitionAction) {
        let table = self.table;
        if let PartitionAction::By { .. } = action {
            let key = table.constraints.iter().any(|c| c.kind == ConstraintKind::ForeignKey)
                || self.known.catalog.referenced_by(&table.name).next().is_some();
            if key {
                return self.refuse(format!(
                    "`{}` has foreign keys or is referenced by one: a partitioned table cannot (1217, 1503, 1506)",
                    table.name
                ));
            }
            return self.find("partition-by", "by");
        }
        if !known::is_partitioned(table) {
            return self.refuse(format!("`{}` is not partitioned (1505)", table.name));
        }
        let partitioning = table.mysql.as_ref().and_then(|m| m.partitioning.as_ref());
        let there = |name: &Ident| partitioning.is_none_or(|p| p.partitions.iter().any(|q| same(&q.name, name)));
        let absent = |names: &[Ident]| names.iter().find(|n| !there(n)).cloned();
        let lists = partitioning.is_none_or(|p| {
            let method = p.method.to_ascii_uppercase();
            method.starts_with("RANGE") || method.starts_with("LIST")
        });
        match action {
            PartitionAction::By { .. } => {}
            PartitionAction::Remove => self.find("partition-by", "remove"),
            PartitionAction::Add { names, .. } => {
                if let Some(twice) = names.iter().find(|n| partitioning.is_some() && there(n)) {
                    return self.refuse(format!("`{}` has a partition `{twice}` already (1517)", table.name));
                }
                self.find("add-partition", if lists { "range-list" } else { "hash-key" });
            }
            PartitionAction::Drop { names, if_exists } => {
                if *if_exists && !self.known.is_mariadb() {
                    return self.refuse("`IF EXISTS` on a partition is MariaDB's (1064)");
                }
                if let Some(missing) = absent(names).filter(|_| !if_exists) {
                    return self.refuse(format!("`{}` has no partition `{missing}` (1507)", table.name));
                }
                self.find("drop-partition", "plain");
                self.raise("drop-loses-data", &[("name", format!("{} ({})", table.name, listed(names)))]);
            }
            PartitionAction::Truncate { names } => {
                if let Some(missing) = absent(names) {
                    return self.refuse(format!("`{}` has no partition `{missing}` (1735)", table.name));
                }
                self.find("truncate-partition", "always");
                self.raise("truncate-loses-data", &[self.table_value()]);
            }
            PartitionAction::Coalesce { .. } => self.find("add-partition", "hash-key"),
            PartitionAction::Reorganize { .. } => self.find("reorganize-partition", "always"),
            PartitionAction::Exchange { table: other, validation, name } => {
                if let Some(missing) = absent(std::slice::from_ref(name)) {
                    return self.refuse(format!("`{}` has no partition `{missing}` (1735)", table.name));
                }
                let full = other.resolve(self.known.catalog);
                if self.known.catalog.table(&full).is_none() {
                    return self.refuse(format!("there is no table `{full}` (1146)"));
                }
                let when = if *validation { "validated" } else { "unvalidated" };
                self.find_with("exchange-partition", when, &[("other", full.to_string())]);
                self.others.push((full, LockMode::MetadataExclusive));
            }
            PartitionAction::Maintain { verb, .. } => {
                let when = match verb.to_ascii_lowercase().as_str() {
                    "analyze" => "analyze",
                    "check" => "check",
                    "optimize" => "optimize",
                    "repair" => "repair",
                    _ => "rebuild",
                };
                self.find("maintain-partition", when);
            }
            // A partition becomes a table of its own, or the other way round.
            PartitionAction::ConvertOut { .. } | PartitionAction::ConvertIn { .. } if !self.known.is_mariadb() => {
                self.refuse("CONVERT PARTITION and CONVERT TABLE are MariaDB's: write EXCHANGE PARTITION (1064)");
            }
            PartitionAction::ConvertOut { .. } => self.find("drop-partition", "plain"),
            PartitionAction::ConvertIn { table: other, .. } => {
                let full = other.resolve(self.known.catalog);
                self.find_with("exchange-partition", "validated", &[("other", full.to_string())]);
                self.others.push((full, LockMode::MetadataExclusive));
            }
            PartitionAction::Tablespace { .. } => self.find("tablespace", "always"),
        }
    }
}

fn listed(names: &[Ident]) -> String {
    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}
