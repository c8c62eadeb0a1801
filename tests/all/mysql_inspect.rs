//! The catalog as the inspector reads it from real MySQL and MariaDB servers.

use crate::support::{MysqlDatabase, MysqlServer, MysqlSession, on_each_mysql};
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

pub fn table<'a>(catalog: &'a Catalog, name: &str) -> &'a Table {
    let name = TableName::new(catalog.database.clone(), name);
    catalog.table(&name).unwrap_or_else(|| panic!("no {name}"))
}

fn idents(names: &[Ident]) -> Vec<&str> {
    names.iter().map(Ident::as_str).collect()
}

/// MySQL from 8.0 on, MariaDB, or MySQL 5.6.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    New,
    Maria,
    Old,
}

pub fn kind(server: &MysqlServer) -> Kind {
    match (server.is_mariadb(), server.version()) {
        (true, _) => Kind::Maria,
        (_, (5, _)) => Kind::Old,
        _ => Kind::New,
    }
}

pub fn rich(sql: &mut MysqlSession, server: &MysqlServer) {
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

fn columns(table: &Table) -> Vec<String> {
    let one = |c: &sidestep::model::Column| {
        let m = c.mysql.as_ref().unwrap();
        let mut text = format!("{} {}", c.name.as_str(), c.data_type);
        let mut add = |words: &str, value: Option<&str>| {
            value.into_iter().for_each(|v| text.push_str(&format!("{words}{v}")));
        };
        add(" NOT NULL", c.not_null.then_some(""));
        add(" COLLATE ", c.collation.as_deref());
        add(" DEFAULT ", c.default.as_ref().map(|d| d.sql.as_str()));
        add(" AS ", c.generated.as_ref().map(|g| g.sql.as_str()));
        add(" STORED", c.generated.as_ref().filter(|g| g.kept == GeneratedKind::Stored).map(|_| ""));
        add(" ON UPDATE ", m.on_update.as_deref());
        add(" AUTO_INCREMENT", m.auto_increment.then_some(""));
        add(" INVISIBLE", m.invisible.then_some(""));
        add(" CHECK ", m.check.as_deref());
        add(" ", Some(m.extra.join(" ").as_str()).filter(|e| !e.is_empty()));
        text
    };
    table.columns.iter().map(one).collect()
}

pub fn definitions(table: &Table) -> Vec<&str> {
    let indexes = table.indexes.iter().map(|i| i.definition.as_str());
    indexes.chain(table.constraints.iter().map(|c| c.definition.as_str())).collect()
}

#[test]
fn a_rich_database_is_read_whole() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        rich(&mut database.session(), server);
        let catalog = load(&database);
        let (name, kind) = (server.name, kind(server));
        assert_eq!(catalog.server.engine, if server.is_mariadb() { Engine::Mariadb } else { Engine::Mysql }, "{name}");
        assert_eq!((catalog.server.version.major, catalog.server.version.minor), server.version());
        assert_eq!((catalog.database.as_str(), catalog.server.role), (database.name.as_str(), Role::Primary));
        let gaps: Vec<&str> = catalog.gaps.iter().map(|g| g.what.as_str()).collect();
        assert_eq!(gaps, if kind == Kind::Maria { vec!["1 sequences"] } else { vec![] }, "{name}: {:?}", catalog.gaps);
        let setting = |name: &str| catalog.server.settings.get(name).map(String::as_str).unwrap_or_default();
        assert_eq!(setting("binlog_format"), "ROW");
        assert_eq!(setting("innodb_online_alter_log_max_size"), "134217728");
        let waits = if server.is_mariadb() { "86400" } else { "31536000" };
        assert_eq!(setting("lock_wait_timeout"), waits, "the server's, not that of our own session");
        users(&catalog, kind, name);
        let orders = table(&catalog, "orders");
        assert_eq!(
            definitions(orders),
            [
                "PRIMARY KEY (`id`)",
                "KEY `by_user` (`user_id`) COMMENT 'for the app'",
                "PRIMARY KEY (`id`)",
                "CONSTRAINT `orders_user` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON DELETE SET NULL ON UPDATE CASCADE",
            ]
        );
        let users_name = TableName::new(database.name.clone(), "users");
        let children: Vec<_> = catalog.referenced_by(&users_name).map(|(t, _)| t.name.name.as_str()).collect();
        assert_eq!(children, ["orders"]);
        assert_eq!((orders.stats.inserts, orders.stats.counted_for_s.is_some()), (Some(1), true));
        partitioned(&catalog);
        let with_id = |name: &str| table(&catalog, name).mysql.as_ref().unwrap().fulltext_id;
        assert_eq!(
            ["users", "had_words", "plain", "events", "old_style"].map(with_id),
            [Some(true), Some(true), Some(false), Some(false), None],
            "{name}"
        );
        assert_eq!(table(&catalog, "old_style").mysql.as_ref().unwrap().engine, "MyISAM");
        if kind != Kind::Old {
            let file = |name: &str| table(&catalog, name).mysql.as_ref().unwrap().file_bytes;
            assert!(file("users") >= Some(65_536) && file("hashed") > file("plain"), "{name}");
            modern(&catalog, kind, name);
        }
        stored(&catalog, &users_name);
        assert_eq!(db::from_json(&db::to_json(&catalog)).unwrap(), catalog);
    });
}

fn partitioned(catalog: &Catalog) {
    let partitions = |name: &str| table(catalog, name).mysql.as_ref().unwrap().partitioning.clone().unwrap();
    let events = partitions("events");
    assert_eq!(
        (events.method.as_str(), events.expression.to_lowercase().replace('`', "").as_str()),
        ("RANGE", "year(day)")
    );
    let parts: Vec<_> = events.partitions.iter().map(|p| (p.name.as_str(), p.description.as_deref())).collect();
    assert_eq!(parts, [("p0", Some("2020")), ("p1", Some("MAXVALUE"))]);
    assert_eq!(partitions("hashed").partitions.len(), 4);
}

fn stored(catalog: &Catalog, users: &TableName) {
    let view = |name: &str| catalog.views.iter().find(|v| v.name.name.as_str() == name).unwrap();
    let adults = view("adults");
    assert_eq!((adults.writes_to.as_ref(), adults.uses.len()), (Some(users), 1));
    assert_eq!(idents(&adults.uses[0].columns), ["id", "email", "age", "price"]);
    let sources: Vec<_> = adults.columns.iter().map(|c| c.source.as_ref().map(Ident::as_str)).collect();
    assert_eq!(sources, [Some("id"), Some("email"), None]);
    assert_eq!(view("joined").uses.iter().map(|u| u.table.name.as_str()).collect::<Vec<_>>(), ["orders", "users"]);
    let named: Vec<_> = catalog
        .functions
        .iter()
        .map(|f| (f.name.name.as_str(), f.language.as_str(), f.names_tables[0].name.as_str()))
        .collect();
    assert_eq!(named, [("nightly", "SQL event", "events"), ("sweep", "SQL procedure", "orders")]);
}

fn users(catalog: &Catalog, kind: Kind, server: &str) {
    let users = table(catalog, "users");
    let (small, int, now) = match kind {
        Kind::New => ("smallint", "int unsigned", ["CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(6)"]),
        Kind::Old => ("smallint(6)", "int(10) unsigned", ["CURRENT_TIMESTAMP", "CURRENT_TIMESTAMP(6)"]),
        Kind::Maria => ("smallint(6)", "int(10) unsigned", ["current_timestamp()", "current_timestamp(6)"]),
    };
    let expected = [
        format!("id {int} NOT NULL AUTO_INCREMENT"),
        "email varchar(180) NOT NULL COLLATE utf8mb4_bin".to_owned(),
        r"name varchar(100) DEFAULT 'it''s \\ ☃'".to_owned(),
        format!("age {small} DEFAULT 0"),
        "flags bit(3) DEFAULT b'101'".to_owned(),
        "price decimal(10,2) NOT NULL DEFAULT 1.50".to_owned(),
        "kind enum('a','b''c') COLLATE latin1_swedish_ci DEFAULT 'a'".to_owned(),
        "born date DEFAULT '2000-01-01'".to_owned(),
        format!("created_at timestamp NOT NULL DEFAULT {}", now[0]),
        format!("updated_at datetime(6) DEFAULT {} ON UPDATE CURRENT_TIMESTAMP(6)", now[1]),
        "bio text".to_owned(),
    ];
    assert_eq!(columns(users), expected, "{server}");
    let volatility = |name: &str| users.column(&name.into()).unwrap().default.as_ref().unwrap().volatility;
    assert_eq!((volatility("name"), volatility("created_at")), (Volatility::Immutable, Volatility::Stable));
    assert_eq!(
        definitions(users),
        [
            "PRIMARY KEY (`id`)",
            "KEY `by_name` (`name`(10), `age`)",
            "UNIQUE KEY `users_email` (`email`)",
            "FULLTEXT KEY `words` (`bio`)",
            "PRIMARY KEY (`id`)",
        ]
    );
    let mysql = users.mysql.as_ref().unwrap();
    assert_eq!((mysql.engine.as_str(), mysql.auto_increment), ("InnoDB", Some(1003)));
    assert_eq!((users.comment.as_deref(), users.stats.rows), (Some("people"), Some(3)), "{server}");
    assert!(users.stats.heap_bytes > 0, "{server}");
    assert!(users.indexes.iter().all(|i| i.method == "fulltext" || i.bytes > 0), "{server}");
    let by_name = users.index(&"by_name".into()).unwrap();
    assert_eq!(by_name.mysql.as_ref().unwrap().prefixes, [Some(10), None]);
    let [trigger] = users.triggers.as_slice() else { panic!("{:?}", users.triggers) };
    let head = "CREATE DEFINER=`tester`@`%` TRIGGER `stamp` BEFORE UPDATE ON `users` FOR EACH ROW";
    assert_eq!(trigger.definition, format!("{head} SET NEW.updated_at = NOW(6)"));
    assert_eq!((idents(&trigger.columns), trigger.fires_on_update), (vec!["updated_at"], true));
    // Case means nothing for columns.
    assert!(users.column(&"EMAIL".into()).is_some());
}

fn modern(catalog: &Catalog, kind: Kind, server: &str) {
    let modern = table(catalog, "modern");
    if kind == Kind::New {
        assert_eq!(
            columns(modern),
            [
                "id int NOT NULL",
                "a int",
                "b int AS (`a` + 1)",
                r"c varchar(20) AS concat(_utf8mb4'it\'s ',`a`) STORED",
                "u binary(16) DEFAULT (uuid_to_bin(uuid()))",
                "j json",
                "hidden int INVISIBLE",
            ]
        );
        assert_eq!(
            definitions(modern),
            [
                "PRIMARY KEY (`id`)",
                "KEY `down` (`a` DESC)",
                "KEY `made` ((`a` * 2))",
                "KEY `unseen` (`b`) INVISIBLE",
                "PRIMARY KEY (`id`)",
                r"CONSTRAINT `lax` CHECK (`c` <> _utf8mb4'x\'y') NOT ENFORCED",
                "CONSTRAINT `positive` CHECK (`a` > 0)",
            ]
        );
        let made = modern.index(&"made".into()).unwrap();
        assert_eq!((made.has_expressions, idents(&made.uses)), (true, vec!["a"]));
        assert_eq!(table(catalog, "plain").mysql.as_ref().unwrap().row_versions, Some(2));
    } else {
        assert_eq!(
            columns(modern),
            [
                "id int(11) NOT NULL",
                "a int(11) CHECK `a` < 100",
                "b int(11) AS `a` + 1",
                r"c varchar(20) AS concat('it\'s ',`a`) STORED",
                "u char(36) DEFAULT uuid()",
                "j longtext COLLATE utf8mb4_bin CHECK json_valid(`j`)",
                "hidden int(11) INVISIBLE",
            ],
            "{server}"
        );
        let check = "CONSTRAINT `positive` CHECK (`a` > 0)";
        assert_eq!(definitions(modern), ["PRIMARY KEY (`id`)", "KEY `down` (`a`)", "PRIMARY KEY (`id`)", check]);
        assert_eq!(modern.mysql.as_ref().unwrap().options, ["WITH SYSTEM VERSIONING"]);
    }
    let check = modern.constraint(&"positive".into()).unwrap();
    assert_eq!((check.kind, idents(&check.columns)), (ConstraintKind::Check, vec!["a"]));
}

/// What ADD takes is taken: every definition of the rich database, taken away and put back.
#[test]
fn definitions_are_what_add_takes() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        let mut sql = database.session();
        rich(&mut sql, server);
        // A table with a history takes no changes.
        if server.is_mariadb() {
            sql.run("ALTER TABLE modern DROP SYSTEM VERSIONING");
        }
        let before = load(&database);
        let find = |c: &Catalog, name: &str| c.table(&TableName::new(database.name.clone(), name)).cloned();
        for table in ["users", "orders", "modern"].iter().filter_map(|name| find(&before, name)) {
            let name = table.name.name.as_str();
            let others: Vec<_> = table.constraints.iter().filter(|c| c.kind != ConstraintKind::PrimaryKey).collect();
            for other in &others {
                let word = if other.kind == ConstraintKind::ForeignKey { "FOREIGN KEY" } else { "CONSTRAINT" };
                sql.run(&format!("ALTER TABLE {name} DROP {word} {}", other.name.as_str()));
            }
            for key in table.indexes.iter().filter(|i| !i.primary) {
                sql.run(&format!("ALTER TABLE {name} DROP KEY {}", key.name.as_str()));
                sql.run(&format!("ALTER TABLE {name} ADD {}", key.definition));
            }
            for other in &others {
                sql.run(&format!("ALTER TABLE {name} ADD {}", other.definition));
            }
            for trigger in &table.triggers {
                sql.run(&format!("DROP TRIGGER {}", trigger.name.as_str()));
                sql.run(&trigger.definition);
            }
        }
        let after = load(&database);
        for (before, after) in
            ["users", "orders", "modern"].iter().filter_map(|n| find(&before, n).zip(find(&after, n)))
        {
            assert_eq!(definitions(&before), definitions(&after), "{}", server.name);
            assert_eq!(before.triggers, after.triggers);
        }
    });
}

#[test]
fn hostile_names() {
    on_each_mysql(|server| {
        let mut root = MysqlSession::open(&server.url("mysql"));
        let longest = "é".repeat(64);
        let here = format!("a`b 'c\" ☃:db:file%_{}", server.port);
        let quoted = |name: &str| format!("`{}`", name.replace('`', "``"));
        root.run(&format!("CREATE DATABASE {} CHARACTER SET utf8mb4", quoted(&here)));
        root.run(&format!("USE {}", quoted(&here)));
        let odd = "t`x\\'y z-1☃";
        root.run(&format!(
            r#"CREATE TABLE {} (`i``d "'` INT PRIMARY KEY, `SELECT` VARCHAR(10) DEFAULT '`\\''', `n` INT COMMENT '🐬''\\') ENGINE=InnoDB COMMENT '🐬 '' \\'"#,
            quoted(odd)
        ));
        root.run(&format!("CREATE TABLE {} (id INT PRIMARY KEY) ENGINE=InnoDB", quoted(&longest)));
        let other = format!("other-{}", server.port);
        root.run(&format!("CREATE DATABASE {}", quoted(&other)));
        root.run(&format!(
            r#"CREATE TABLE {o}.`kid s` (id INT PRIMARY KEY, p INT, CONSTRAINT `f``k` FOREIGN KEY (p) REFERENCES {h}.{t} (`i``d "'`) ON DELETE CASCADE) ENGINE=InnoDB"#,
            o = quoted(&other),
            h = quoted(&here),
            t = quoted(odd)
        ));
        let url = format!("mysql://tester:tester@127.0.0.1:{}/{}", server.port, encoded(&here));
        let catalog = try_load(&url).unwrap_or_else(|why| panic!("{}: {why}", server.name));
        assert_eq!(catalog.database, here);
        assert!(catalog.gaps.is_empty(), "{:?}", catalog.gaps);
        let odd_table = table(&catalog, odd);
        assert_eq!(odd_table.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["i`d \"'", "SELECT", "n"]);
        // Names and comments are utf8mb3 to all of these servers: what does not fit was lost when it was written.
        assert!(odd_table.comment.as_deref().unwrap().ends_with(" ' \\"), "{}: {:?}", server.name, odd_table.comment);
        assert_eq!(odd_table.columns[1].default.as_ref().unwrap().sql, r"'`\\'''", "{}", server.name);
        assert_eq!(definitions(odd_table)[0], "PRIMARY KEY (`i``d \"'`)");
        assert_eq!(odd_table.mysql.as_ref().unwrap().fulltext_id, Some(false), "{}", server.name);
        assert!(catalog.table(&TableName::new(here.clone(), longest.clone())).is_some());
        let kid = catalog.table(&TableName::new(other.clone(), "kid s")).unwrap_or_else(|| panic!("{}", server.name));
        let (key, to) = kid.foreign_keys().next().unwrap();
        assert_eq!((key.name.as_str(), idents(&key.columns), idents(&to.columns)), ("f`k", vec!["p"], vec!["i`d \"'"]));
        assert_eq!(to.table, odd_table.name);
        assert!(
            key.definition.contains(&format!("REFERENCES {}.{}", quoted(&here), quoted(odd))),
            "{}",
            key.definition
        );
        assert!(key.definition.ends_with(" ON DELETE CASCADE"), "{}", key.definition);
        assert_eq!(kid.columns.len(), 2);
        root.run(&format!("DROP DATABASE {}; DROP DATABASE {}", quoted(&other), quoted(&here)));
    });
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}
