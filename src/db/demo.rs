//! The built-in catalogs: a shop with 150 million users, for trying everything out without a server.

use super::snapshot::from_json;
use crate::model::{Catalog, Engine, Version};

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Demo {
    pub engine: Engine,
    /// The TARGET that names it.
    pub word: &'static str,
    /// A change that is worth a look: the app begins with it.
    pub wish: &'static str,
    /// Made by `tests/all/demo.rs` from the real inspector's reading of the `.sql` beside it.
    json: &'static str,
}

pub const DEMOS: &[Demo] = &[
    Demo {
        engine: Engine::Postgresql,
        word: "demo",
        wish: include_str!("../../assets/demo/wish.sql"),
        json: include_str!("../../assets/demo/postgresql.json"),
    },
    Demo {
        engine: Engine::Mysql,
        word: "demo:mysql",
        wish: include_str!("../../assets/demo/wish-mysql.sql"),
        json: include_str!("../../assets/demo/mysql.json"),
    },
    Demo {
        engine: Engine::Mariadb,
        word: "demo:mariadb",
        wish: include_str!("../../assets/demo/wish-mysql.sql"),
        json: include_str!("../../assets/demo/mariadb.json"),
    },
];

impl Demo {
    pub fn named(word: &str) -> Option<&'static Self> {
        DEMOS.iter().find(|d| d.word == word)
    }

    pub fn catalog(&self) -> Catalog {
        // The embedded file is read by a test, so the empty catalog never shows.
        from_json(self.json).unwrap_or_else(|_| Catalog::empty(self.engine, Version::new(0, 0)))
    }
}

/// The first of them.
pub fn demo() -> Catalog {
    DEMOS.first().map_or_else(|| Catalog::empty(Engine::Postgresql, Version::new(0, 0)), Demo::catalog)
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

    #[test]
    fn every_engine_has_the_same_company() {
        for demo in DEMOS {
            let catalog = demo.catalog();
            assert_eq!(catalog.server.engine, demo.engine);
            assert_eq!(Demo::named(demo.word), Some(demo));
            assert!(demo.wish.ends_with(";\n"), "{}", demo.word);
            assert_eq!(catalog.database, "shop");
            let users = catalog.resolve(None, &crate::model::Ident::new("users")).unwrap();
            assert_eq!(Rows(users.stats.rows.unwrap()).to_string(), "150 M");
            assert!(catalog.transactions.len() >= 2 && catalog.replicas.len() == 2, "{}", demo.word);
        }
    }
}
