//! The built-in catalog: a shop with 150 million users, for trying everything out without a server.

use super::snapshot::from_json;
use crate::model::{Catalog, Engine, Version};

/// Made by `tests/all/demo.rs` from the real inspector's reading of `assets/demo/postgresql.sql`.
const POSTGRESQL: &str = include_str!("../../assets/demo/postgresql.json");

pub fn demo() -> Catalog {
    // The embedded file is read by a test, so the empty catalog never shows.
    from_json(POSTGRESQL).unwrap_or_else(|_| Catalog::empty(Engine::Postgresql, Version::new(15, 4)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Rows, TableName};

    #[test]
    fn the_company_is_believable() {
        let demo = demo();
        let table = |name: &str| demo.table(&TableName::new("public", name)).unwrap();
        let shown =
            |name: &str| (Rows(table(name).stats.rows.unwrap()).to_string(), table(name).stats.total().to_string());
        assert_eq!(shown("users").0, "150 M");
        assert_eq!(shown("orders").0, "500 M");
        assert_eq!(shown("events").1, "1.2 TB");
        assert_eq!(shown("categories").0, "4.0 k");
        let types: Vec<_> = table("users").columns.iter().map(|c| (c.name.as_str(), c.data_type.as_str())).collect();
        assert_eq!(
            types,
            [
                ("id", "bigint"),
                ("email", "character varying(255)"),
                ("name", "character varying(100)"),
                ("created_at", "timestamp with time zone")
            ]
        );
        assert_eq!(demo.server.to_string(), "PostgreSQL 15.4");
        assert_eq!(demo.partitions_of(&TableName::new("public", "page_views")).count(), 25);
        assert!(table("reviews").indexes.iter().any(|i| !i.valid));
        assert!(demo.transactions.len() == 3 && demo.replicas.len() == 2 && demo.gaps.is_empty());
    }
}
