//! The catalog as the inspector reads it from real MySQL and MariaDB servers.

use crate::support::{MysqlDatabase, MysqlServer, MysqlSession, mysqls, on_each_mysql};
use sidestep::db::target::{Env, parse};
use sidestep::db::{self, Error};
use sidestep::model::catalog::{ConstraintKind, GeneratedKind, Volatility};
use sidestep::model::engine::Role;
use sidestep::model::{Catalog, Engine, Ident, Table, TableName};

pub fn try_load(url: &str) -> Result<Catalog, Error> {
    let target = parse(url, &Env::of_vars([])).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(db::load(&target))
}

pub fn load(database: &MysqlDatabase) -> Catalog {
    try_load(&database.url).unwrap_or_else(|why| panic!("{}: {why}", database.name))
}

fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    let name = TableName::new(catalog.database.clone(), name);
    catalog.table(&name).unwrap_or_else(|| panic!("no {name}"))
}

fn idents(names: &[Ident]) -> Vec<&str> {
    names.iter().map(Ident::as_str).collect()
}

/// MySQL from 8.0 on, MariaDB, or MySQL 5.6.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    New,
    Maria,
    Old,
}

fn kind(server: &MysqlServer) -> Kind {
    match (server.is_mariadb(), server.version()) {
        (true, _) => Kind::Maria,
        (_, (5, _)) => Kind::Old,
        _ => Kind::New,
    }
}

fn rich(sql: &mut MysqlSession, server: &MysqlServer) {
    sql.run(
        "CREATE TABLE users (
           id INT UNSIGNED NOT NULL AUTO_INCREMENT,
           email VARCHAR(180) COLLATE utf8mb4_bin NOT NULL,
           name VARCHAR(100) DEFAULT 'it''s \\\\ ☃',
           age SMALLINT DEFAULT 0,
           flags BIT(3) DEFAULT b'101',
           price DECIMAL(10,2) NOT NULL DEFAULT 1.50 COMMENT 'in cents; not',
           kind ENUM('a','b''c') CHARACTER SET latin1 DEFAULT 'a',
           born DATE DEFAULT '2000-01-01',
           created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
           updated_at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
           bio TEXT,
           PRIMARY KEY (id),
           UNIQUE KEY users_email (email),
           KEY by_name (name(10), age),
           FULLTEXT KEY words (bio)
         ) ENGINE=InnoDB AUTO_INCREMENT=1000 ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COMMENT='people';
         CREATE TABLE orders (
           id BIGINT NOT NULL PRIMARY KEY,
           user_id INT UNSIGNED,
           note TEXT,
           KEY by_user (user_id) COMMENT 'for the app',
           CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL ON UPDATE CASCADE
         ) ENGINE=InnoDB;
         CREATE TABLE events (id INT NOT NULL, day DATE NOT NULL, PRIMARY KEY (id, day)) ENGINE=InnoDB
           PARTITION BY RANGE (YEAR(day)) (PARTITION p0 VALUES LESS THAN (2020), PARTITION p1 VALUES LESS THAN MAXVALUE);
         CREATE TABLE hashed (id INT NOT NULL PRIMARY KEY) ENGINE=InnoDB PARTITION BY HASH (id) PARTITIONS 4;
         CREATE TABLE had_words (id INT PRIMARY KEY, t TEXT, FULLTEXT KEY f (t)) ENGINE=InnoDB;
         ALTER TABLE had_words DROP KEY f;
         CREATE TABLE plain (id INT PRIMARY KEY, a INT) ENGINE=InnoDB;
         CREATE TABLE old_style (id INT PRIMARY KEY) ENGINE=MyISAM;
         CREATE VIEW adults AS SELECT id, email AS mail, price * 2 AS twice FROM users WHERE age > 17;
         CREATE VIEW joined AS SELECT u.name, o.id FROM users u JOIN orders o ON o.user_id = u.id;
         CREATE TRIGGER stamp BEFORE UPDATE ON users FOR EACH ROW SET NEW.updated_at = NOW(6);
         CREATE PROCEDURE sweep() DELETE FROM orders WHERE note IS NULL;
         CREATE PROCEDURE nothing() SELECT 1;
         CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM `events` WHERE day < '2000-01-01';
         INSERT INTO users (email, bio) VALUES ('a', 'x'), ('b', 'y'), ('c', 'z');
         INSERT INTO orders VALUES (1, 1000, 'n')",
    );
    match kind(server) {
        Kind::New => sql.run(
            "CREATE TABLE modern (id INT PRIMARY KEY, a INT, b INT GENERATED ALWAYS AS (a + 1) VIRTUAL,
               c VARCHAR(20) AS (CONCAT('it''s ', a)) STORED, u BINARY(16) DEFAULT (UUID_TO_BIN(UUID())), j JSON,
               hidden INT INVISIBLE, CONSTRAINT positive CHECK (a > 0), CONSTRAINT lax CHECK (c <> 'x''y') NOT ENFORCED,
               KEY down (a DESC), KEY made ((a * 2)), KEY unseen (b) INVISIBLE);
             ALTER TABLE plain ADD COLUMN x INT, ALGORITHM=INSTANT; ALTER TABLE plain DROP COLUMN x, ALGORITHM=INSTANT",
        ),
        Kind::Maria => sql.run(
            "CREATE TABLE modern (id INT PRIMARY KEY, a INT CHECK (a < 100), b INT GENERATED ALWAYS AS (a + 1) VIRTUAL,
               c VARCHAR(20) AS (CONCAT('it''s ', a)) STORED, u CHAR(36) DEFAULT UUID(), j JSON, hidden INT INVISIBLE,
               CONSTRAINT positive CHECK (a > 0), KEY down (a)) WITH SYSTEM VERSIONING;
             CREATE SEQUENCE s",
        ),
        Kind::Old => {}
    }
}

#[test]
fn a_rich_database_is_read_whole() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        rich(&mut database.session(), server);
        let catalog = load(&database);
        let name = server.name;
        if let Ok(folder) = std::env::var("SIDESTEP_KEEP") {
            std::fs::write(format!("{folder}/{name}.json"), serde_json::to_string_pretty(&catalog).unwrap()).unwrap();
        }
        assert_eq!(catalog.server.engine, if server.is_mariadb() { Engine::Mariadb } else { Engine::Mysql }, "{name}");
    });
}
