//! What the table list shows of each table: sizes with those of its partitions, rates, and the words for them.

use crate::model::{Catalog, Rows, Table, TableName};
use std::collections::BTreeMap;

/// Figures of one table; a partitioned parent has the sums of its partitions.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measure {
    pub bytes: u64,
    pub rows: Option<u64>,
    pub writes_per_s: Option<f64>,
    /// What a rewrite would give back, and what that is part of: dead rows of all, or free bytes of all.
    pub spare: Option<(u64, u64)>,
    pub partitions: usize,
}

impl Measure {
    /// One per table, in the catalog's order.
    pub fn all(catalog: &Catalog) -> Vec<Self> {
        let mut all: Vec<Self> = catalog
            .tables
            .iter()
            .map(|t| Self {
                bytes: t.stats.total().0,
                rows: t.stats.rows,
                writes_per_s: t.stats.writes_per_s(),
                spare: spare(t),
                partitions: 0,
            })
            .collect();
        let place: BTreeMap<&TableName, usize> = catalog.tables.iter().enumerate().map(|(i, t)| (&t.name, i)).collect();
        for (own, table) in catalog.tables.iter().enumerate() {
            let Some(figures) = all.get(own).copied().filter(|_| table.partition_key.is_none()) else { continue };
            let mut parent = table.partition_of.as_ref().map(|p| &p.parent);
            // Inheritance cannot loop; the bound keeps a broken snapshot from hanging us.
            for _ in 0..32 {
                let Some(at) = parent.and_then(|p| place.get(p)) else { break };
                if let Some(sum) = all.get_mut(*at) {
                    sum.add(&figures);
                }
                parent = catalog.tables.get(*at).and_then(|t| t.partition_of.as_ref()).map(|p| &p.parent);
            }
        }
        all
    }

    fn add(&mut self, part: &Self) {
        let either = |a: Option<u64>, b: Option<u64>| a.map_or(b, |a| Some(a.saturating_add(b.unwrap_or(0))));
        // A parent of partitions counts nothing itself: its own zero must not hide that a part is unknown.
        self.bytes = self.bytes.saturating_add(part.bytes);
        self.rows = if self.partitions == 0 { part.rows } else { either(self.rows, part.rows) };
        self.spare = match (self.spare.filter(|_| self.partitions > 0), part.spare) {
            (Some((a, b)), Some((c, d))) => Some((a.saturating_add(c), b.saturating_add(d))),
            (a, b) => a.or(b),
        };
        self.writes_per_s = match (self.writes_per_s, part.writes_per_s) {
            (Some(a), Some(b)) => Some(a + b),
            (a, b) => a.or(b),
        };
        self.partitions += 1;
    }

    pub fn spare_share(&self) -> Option<f64> {
        self.spare.filter(|(_, whole)| *whole > 0).map(|(spare, whole)| spare as f64 / whole as f64)
    }
}

fn spare(table: &Table) -> Option<(u64, u64)> {
    match &table.mysql {
        Some(m) => Some((m.free_bytes, m.free_bytes.saturating_add(table.stats.total().0))),
        None => {
            let (dead, rows) = (table.stats.dead_rows?, table.stats.rows?);
            Some((dead, dead.saturating_add(rows)))
        }
    }
}

/// What [`Measure::spare`] is called in this catalog.
pub fn spare_title(catalog: &Catalog) -> &'static str {
    if catalog.tables.iter().any(|t| t.mysql.is_some()) { "Free" } else { "Dead" }
}

/// `340`, `1.2 k`, `0.4`; unknown is `–`.
pub fn rate(value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(v) if v < 0.05 => "0".to_owned(),
        Some(v) if v < 9.95 => format!("{v:.1}"),
        Some(v) => Rows(v.round() as u64).to_string(),
    }
}

/// `150 M`; unknown is `–`.
pub fn count(value: Option<u64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| Rows(v).to_string())
}

/// `3.1 %`; unknown is `–`.
pub fn percent(value: Option<f64>) -> String {
    match value.map(|v| v * 100.0) {
        None => "–".to_owned(),
        Some(v) if v < 0.05 => "0 %".to_owned(),
        Some(v) if v < 9.95 => format!("{v:.1} %"),
        Some(v) => format!("{v:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::objects::{Partition, PartitionKey};
    use crate::model::{Engine, TableKind, Version};

    #[test]
    fn a_parent_is_as_big_as_its_partitions() {
        let mut catalog = Catalog::empty(Engine::Postgresql, Version::new(15, 4));
        let mut parent = Table::new(TableName::new("public", "events"), vec![]);
        parent.kind = TableKind::Partitioned;
        parent.partition_key = Some(PartitionKey { definition: "RANGE (at)".into(), columns: vec!["at".into()] });
        catalog.put_table(parent.clone());
        for (name, bytes) in [("events_1", 10), ("events_2", 30)] {
            let mut part = Table::new(TableName::new("public", name), vec![]);
            part.stats.heap_bytes = bytes;
            part.stats.rows = Some(bytes);
            part.partition_of = Some(Partition::new(parent.name.clone(), ""));
            catalog.put_table(part);
        }
        let sum = Measure::all(&catalog)[0];
        assert_eq!((sum.bytes, sum.rows, sum.partitions), (40, Some(40), 2));
    }

    #[test]
    fn unknown_is_not_zero() {
        assert_eq!([rate(None), rate(Some(0.0)), rate(Some(3.21)), rate(Some(1234.0))], ["–", "0", "3.2", "1.2 k"]);
        assert_eq!([percent(None), percent(Some(0.031)), percent(Some(0.2))], ["–", "3.1 %", "20 %"]);
    }
}
