//! Reading MySQL and MariaDB: what people write becomes the right statements.

use sidestep::model::Engine::{Mariadb, Mysql};
use sidestep::model::{Engine, Ident};
use sidestep::sql::mysql::statement::{
    Action, Algorithm, AlterTable, IndexKind, LockClause, PartitionAction, Position, Statement as Tree, Written,
};
use sidestep::sql::{self, Located, Statement};

fn read(engine: Engine, text: &str) -> Vec<Located> {
    sql::parse(text, engine).unwrap_or_else(|p| panic!("{text}\n{p:#?}")).statements
}

fn tree(located: &Located) -> &Tree {
    match &located.statement {
        Statement::Mysql(tree) => tree,
        other => panic!("{}: {other:?}", located.text),
    }
}

fn one(engine: Engine, text: &str) -> Tree {
    let all = read(engine, text);
    assert_eq!(all.len(), 1, "{all:#?}");
    tree(&all[0]).clone()
}

fn alter(engine: Engine, text: &str) -> AlterTable {
    match one(engine, text) {
        Tree::AlterTable(alter) => alter,
        other => panic!("{other:?}"),
    }
}

fn actions(engine: Engine, text: &str) -> Vec<Action> {
    alter(engine, &format!("ALTER TABLE t {text}")).specs.into_iter().map(|s| s.action).collect()
}

fn problem(engine: Engine, text: &str) -> String {
    match sql::parse(text, engine) {
        Ok(script) => panic!("read: {text}\n{script:#?}"),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | "),
    }
}

fn ident(name: &str) -> Ident {
    Ident::from(name)
}

#[test]
fn an_alter_table_is_one_unit_with_all_its_specifications() {
    let text = "ALTER TABLE `shop`.`order lines` ADD COLUMN note varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '' COMMENT 'it''s' AFTER `id`, ALGORITHM=INPLACE, DROP COLUMN b, LOCK NONE;";
    let alter = alter(Mysql, text);
    assert_eq!(alter.table.schema, Some(ident("shop")));
    assert_eq!(alter.table.name, ident("order lines"));
    assert_eq!((alter.algorithm, alter.lock), (Some(Algorithm::Inplace), Some(LockClause::None)));
    assert_eq!(alter.specs.len(), 2);
    let Action::AddColumn { column, position, .. } = &alter.specs[0].action else { panic!("{alter:?}") };
    assert_eq!(column.data_type, "varchar(255)");
    assert_eq!(column.charset.as_deref(), Some("utf8mb4"));
    assert_eq!(column.collation.as_deref(), Some("utf8mb4_bin"));
    assert_eq!(column.not_null, Some(true));
    assert_eq!(column.default.as_deref(), Some("''"));
    assert_eq!(column.comment.as_deref(), Some("it's"));
    assert_eq!(position, &Some(Position::After(ident("id"))));
    assert_eq!(alter.specs[1].text, "DROP COLUMN b");
    assert_eq!(&text[alter.specs[1].span.clone()], "DROP COLUMN b");
}

#[test]
fn every_specification_has_its_action() {
    let debug = |text: &str| format!("{:?}", actions(Mysql, text));
    for (text, starts) in [
        ("ADD (a INT, b INT)", "[AddColumn"),
        ("ADD a INT FIRST", "[AddColumn"),
        ("ADD INDEX (a)", "[AddIndex(IndexDef { kind: Plain, name: None"),
        ("ADD KEY k USING BTREE (a(10) DESC, (lower(b))) COMMENT 'x' INVISIBLE", "[AddIndex"),
        ("ADD UNIQUE (a)", "[AddIndex(IndexDef { kind: Unique, name: None"),
        ("ADD CONSTRAINT u UNIQUE KEY (a)", "[AddIndex(IndexDef { kind: Unique, name: Some(Ident(\"u\"))"),
        ("ADD FULLTEXT INDEX f (a) WITH PARSER ngram", "[AddIndex(IndexDef { kind: Fulltext"),
        ("ADD SPATIAL KEY (g)", "[AddIndex(IndexDef { kind: Spatial"),
        ("ADD CONSTRAINT pk PRIMARY KEY (id, b)", "[AddPrimaryKey"),
        ("ADD CONSTRAINT f FOREIGN KEY i (a) REFERENCES p (id) ON DELETE SET NULL ON UPDATE CASCADE", "[AddForeignKey"),
        ("ADD FOREIGN KEY (a) REFERENCES p (id)", "[AddForeignKey(ForeignKeyDef { name: None"),
        ("ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED", "[AddCheck"),
        ("ADD CHECK (a > 0)", "[AddCheck(CheckDef { name: None"),
        ("MODIFY a BIGINT UNSIGNED NOT NULL AUTO_INCREMENT FIRST", "[ModifyColumn"),
        ("CHANGE COLUMN a b INT(11) ZEROFILL AFTER c", "[ChangeColumn"),
        ("ALTER a SET DEFAULT (uuid())", "[SetDefault"),
        ("ALTER COLUMN a DROP DEFAULT", "[DropDefault"),
        ("ALTER COLUMN a SET INVISIBLE", "[SetColumnVisible"),
        ("ALTER INDEX i VISIBLE", "[SetIndexVisible"),
        ("ALTER CHECK c NOT ENFORCED", "[SetCheckEnforced"),
        ("ALTER CONSTRAINT c ENFORCED", "[SetCheckEnforced"),
        ("DROP a", "[DropColumn"),
        ("DROP COLUMN a RESTRICT", "[DropColumn"),
        ("DROP INDEX i", "[DropIndex"),
        ("DROP KEY `PRIMARY`", "[DropPrimaryKey"),
        ("DROP PRIMARY KEY", "[DropPrimaryKey"),
        ("DROP FOREIGN KEY f", "[DropForeignKey"),
        ("DROP CHECK c", "[DropConstraint"),
        ("DROP CONSTRAINT c", "[DropConstraint"),
        ("RENAME COLUMN a TO b", "[RenameColumn"),
        ("RENAME KEY a TO b", "[RenameIndex"),
        ("RENAME b", "[RenameTable"),
        ("RENAME TO x.b", "[RenameTable"),
        ("RENAME AS b", "[RenameTable"),
        ("CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci", "[ConvertCharset"),
        (
            "DEFAULT CHARSET = utf8 COLLATE utf8_bin",
            "[Option { name: \"default character set\", value: \"utf8\" }, Option { name: \"default collate\", value: \"utf8_bin\" }]",
        ),
        (
            "ENGINE=InnoDB ROW_FORMAT DYNAMIC",
            "[Option { name: \"engine\", value: \"InnoDB\" }, Option { name: \"row_format\", value: \"DYNAMIC\" }]",
        ),
        ("COMMENT = 'a, b'", "[Option { name: \"comment\", value: \"'a, b'\" }]"),
        ("AUTO_INCREMENT 5", "[Option { name: \"auto_increment\", value: \"5\" }]"),
        ("ENCRYPTION='Y'", "[Option { name: \"encryption\""),
        ("FORCE", "[Force]"),
        ("ORDER BY a, b DESC", "[OrderBy { columns: \"a, b DESC\" }]"),
        ("DISABLE KEYS", "[EnableKeys { enable: false }]"),
        ("DISCARD TABLESPACE", "[Tablespace { import: false }]"),
        ("PARTITION BY HASH (id) PARTITIONS 4", "[Partition(By"),
        ("ADD a INT PARTITION BY KEY ()", "[AddColumn"),
        ("REMOVE PARTITIONING", "[Partition(Remove)]"),
        (
            "ADD PARTITION (PARTITION p3 VALUES LESS THAN (10), PARTITION p4 VALUES LESS THAN MAXVALUE)",
            "[Partition(Add",
        ),
        ("ADD PARTITION PARTITIONS 2", "[Partition(Add { names: []"),
        ("DROP PARTITION p0, p1", "[Partition(Drop { names: [Ident(\"p0\"), Ident(\"p1\")]"),
        ("TRUNCATE PARTITION ALL", "[Partition(Truncate { names: [] })]"),
        ("COALESCE PARTITION 2", "[Partition(Coalesce"),
        ("REORGANIZE PARTITION p0, p1 INTO (PARTITION q VALUES LESS THAN (5))", "[Partition(Reorganize"),
        ("EXCHANGE PARTITION p WITH TABLE u WITHOUT VALIDATION", "[Partition(Exchange"),
        ("REBUILD PARTITION p0, p1", "[Partition(Maintain { verb: \"rebuild\""),
        ("IMPORT PARTITION p TABLESPACE", "[Partition(Tablespace"),
        ("FROBNICATE HARDER", "[Unknown"),
    ] {
        let read = debug(text);
        assert!(read.starts_with(starts), "{text}\n{read}");
    }
    let all = actions(Mysql, "ADD a INT, FROBNICATE x, DROP b");
    assert!(matches!(all.as_slice(), [Action::AddColumn { .. }, Action::Unknown { .. }, Action::DropColumn { .. }]));
    let with_lock = alter(Mysql, "ALTER TABLE t ALGORITHM=INPLACE, LOCK=NONE, DROP PARTITION p0, p1");
    assert!(
        matches!(&with_lock.specs[0].action, Action::Partition(PartitionAction::Drop { names, .. }) if names.len() == 2)
    );
}

#[test]
fn mariadb_has_more() {
    for text in [
        "ADD COLUMN IF NOT EXISTS a INT",
        "DROP COLUMN IF EXISTS a",
        "MODIFY COLUMN IF EXISTS a INT",
        "ADD INDEX IF NOT EXISTS i (a)",
        "DROP INDEX IF EXISTS i",
        "ADD SYSTEM VERSIONING",
        "DROP SYSTEM VERSIONING",
        "ADD PERIOD FOR SYSTEM_TIME (a, b)",
        "ALTER INDEX i IGNORED",
        "ADD a UUID DEFAULT uuid()",
        "ADD a INT DEFAULT (1 + 2 * (3 - 1))",
        "ADD a INT WITHOUT SYSTEM VERSIONING",
        "ADD VECTOR INDEX v (e) M=6 DISTANCE=cosine",
        "CONVERT PARTITION p TO TABLE u",
        "ENGINE=InnoDB PAGE_COMPRESSED=1",
    ] {
        let read = actions(Mariadb, text);
        assert!(!matches!(read[0], Action::Unknown { .. }), "{text}: {read:?}");
        // MySQL refuses the guards.
        if text.contains("EXISTS") {
            assert!(problem(Mysql, &format!("ALTER TABLE t {text}")).contains("is MariaDB's"), "{text}");
        }
    }
    let alter = alter(
        Mariadb,
        "SET STATEMENT max_statement_time=5, lock_wait_timeout=2 FOR ALTER ONLINE TABLE IF EXISTS t NOWAIT FORCE",
    );
    assert_eq!(alter.settings.len(), 2);
    assert_eq!((alter.lock, alter.wait.as_deref(), alter.if_exists), (Some(LockClause::None), Some("NOWAIT"), true));
}

#[test]
fn indexes_are_made_and_dropped_by_an_alter_table() {
    let create =
        alter(Mysql, "CREATE UNIQUE INDEX i USING HASH ON t (a(5), b DESC) COMMENT 'x' ALGORITHM=INPLACE LOCK=NONE");
    assert_eq!((create.written, create.algorithm), (Written::CreateIndex, Some(Algorithm::Inplace)));
    let Action::AddIndex(index) = &create.specs[0].action else { panic!() };
    assert_eq!((index.kind, index.parts[0].prefix, index.parts[1].descending), (IndexKind::Unique, Some(5), true));
    assert_eq!(index.options, "USING HASH COMMENT 'x'");
    let drop = alter(Mysql, "DROP INDEX i ON s.t LOCK=NONE");
    assert_eq!((drop.written, drop.lock), (Written::DropIndex, Some(LockClause::None)));
    assert_eq!(drop.specs[0].text, "i");
}

#[test]
fn rows_name_their_tables() {
    let rows = |text: &str| match one(Mysql, text) {
        Tree::Update(rows) | Tree::Delete(rows) => rows,
        other => panic!("{other:?}"),
    };
    let plain =
        rows("UPDATE t SET a = b + 1, c = (SELECT max(x) FROM u) WHERE d > 0 AND e IN (1, 2) ORDER BY id LIMIT 10");
    assert_eq!((plain.assignments.len(), plain.tail.as_str()), (2, "ORDER BY id LIMIT 10"));
    assert_eq!(plain.filter.as_deref(), Some("d > 0 AND e IN (1, 2)"));
    let joined = rows("UPDATE a x JOIN b AS y ON x.id = y.id SET y.v = x.v WHERE x.id > 5");
    assert_eq!((joined.table.name.as_str(), joined.joined[0].name.as_str()), ("b", "a"));
    let many = rows("DELETE a.*, b FROM t AS a INNER JOIN u AS b ON a.id = b.id WHERE a.x IS NULL");
    assert_eq!((many.table.name.as_str(), many.joined.len()), ("t", 1));
    let using = rows("DELETE FROM a USING t AS a, u WHERE a.id = u.id");
    assert_eq!((using.table.name.as_str(), using.joined[0].name.as_str()), ("t", "u"));
    assert_eq!(rows("DELETE FROM t LIMIT 1000").tail, "LIMIT 1000");
    assert_eq!(rows("WITH x AS (SELECT 1) DELETE FROM t WHERE id IN (SELECT * FROM x)").table.name.as_str(), "t");
    let insert = one(
        Mysql,
        "INSERT IGNORE INTO t (a, b) SELECT a, b FROM u JOIN v USING (id) ON DUPLICATE KEY UPDATE a = VALUES(a)",
    );
    let Tree::Insert { columns, from, replaces, ignore, .. } = insert else { panic!() };
    assert_eq!((columns.len(), from.len(), replaces, ignore), (2, 2, true, true));
    assert!(matches!(one(Mysql, "REPLACE t SET a = 1, b = 2"), Tree::Insert { columns, .. } if columns.len() == 2));
}

#[test]
fn a_table_is_read_whole() {
    let text = "CREATE TABLE IF NOT EXISTS `s`.`t` (
        `id` bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
        name varchar(20) BINARY DEFAULT NULL,
        kind enum('a','b\\'c') NOT NULL DEFAULT 'a',
        at timestamp(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
        total decimal(10,2) GENERATED ALWAYS AS (`id` * 2) STORED COMMENT 'x',
        parent bigint unsigned REFERENCES p (id),
        g geometry NOT NULL SRID 4326,
        n int CHECK (n > 0),
        UNIQUE KEY `u` (`name`(10)), KEY (kind, at DESC), SPATIAL KEY (g),
        CONSTRAINT `f` FOREIGN KEY (parent) REFERENCES p (id) ON DELETE CASCADE,
        CONSTRAINT c CHECK (n < 100)
    ) ENGINE=InnoDB AUTO_INCREMENT=7, DEFAULT CHARSET=utf8mb4 COMMENT='it''s (a, table)'
    /*!50100 PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10)) */;";
    let located = read(Mysql, text);
    assert!(located[0].text.ends_with("*/"));
    let Tree::CreateTable(table) = tree(&located[0]) else { panic!() };
    assert_eq!((table.columns.len(), table.indexes.len(), table.foreign_keys.len(), table.checks.len()), (8, 3, 1, 1));
    assert!(table.columns[0].primary && table.columns[0].auto_increment);
    assert_eq!(table.columns[2].data_type, "enum('a','b\\'c')");
    assert_eq!(table.columns[3].on_update.as_deref(), Some("CURRENT_TIMESTAMP(6)"));
    assert_eq!(table.columns[4].generated.as_ref().map(|g| g.0.as_str()), Some("`id` * 2"));
    assert!(table.columns[5].references.is_some() && table.columns[7].check.is_some());
    assert_eq!(table.options.len(), 4);
    assert!(table.partition_by.as_deref().unwrap().starts_with("PARTITION BY RANGE (id)"));
    let like = one(Mysql, "CREATE TABLE t (LIKE u)");
    assert!(matches!(like, Tree::CreateTable(t) if t.like.is_some() && t.columns.is_empty()));
    let filled = one(Mysql, "CREATE TABLE t (a INT) ENGINE=InnoDB AS SELECT a FROM u");
    assert!(matches!(filled, Tree::CreateTable(t) if t.select_from.as_ref().is_some_and(|f| f.len() == 1)));
}

#[test]
fn the_rest_has_its_kind() {
    let kind = |text: &str| match &read(Mysql, text)[0].statement {
        Statement::Mysql(tree) => format!("{tree:?}").split(&[' ', '(', '{'][..]).next().unwrap().to_owned(),
        other => format!("{other:?}").split(&[' ', '(', '{'][..]).next().unwrap().to_owned(),
    };
    for (text, name) in [
        ("RENAME TABLE a TO b, c TO d", "RenameTables"),
        ("TRUNCATE TABLE t", "Truncate"),
        ("DROP TABLE IF EXISTS a, b CASCADE", "DropTable"),
        ("DROP TEMPORARY TABLE a", "DropTable"),
        (
            "CREATE OR REPLACE ALGORITHM=MERGE DEFINER=`a`@`%` SQL SECURITY INVOKER VIEW v (x) AS SELECT a FROM t",
            "CreateView",
        ),
        ("DROP VIEW v, w", "DropView"),
        ("CREATE DEFINER='a'@'h' TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1", "CreateTrigger"),
        ("DROP TRIGGER IF EXISTS s.g", "DropTrigger"),
        ("OPTIMIZE LOCAL TABLE t", "Maintain"),
        ("ANALYZE TABLE t UPDATE HISTOGRAM ON a", "Maintain"),
        ("GRANT SELECT ON *.* TO 'u'@'%'", "Other"),
        ("CREATE DATABASE x", "Other"),
        ("CREATE USER 'u'@'h' IDENTIFIED BY 'p'", "Other"),
        ("LOAD DATA INFILE 'x' INTO TABLE t", "Other"),
        ("LOCK TABLES t WRITE", "Other"),
        ("UNLOCK TABLES", "Other"),
        ("SELECT 1 FROM t", "Select"),
        ("SELECT * FROM t FOR UPDATE", "Other"),
        ("SHOW CREATE TABLE t", "Select"),
        ("EXPLAIN SELECT 1", "Select"),
        ("START TRANSACTION", "Transaction"),
        ("COMMIT", "Transaction"),
        ("SET NAMES utf8mb4", "Set"),
        ("SET @v := 1", "Set"),
        ("SET GLOBAL x = 1", "Other"),
        ("USE shop", "Set"),
        ("PREPARE s FROM @sql", "Opaque"),
        ("CALL p()", "Opaque"),
    ] {
        assert_eq!(kind(text), name, "{text}");
    }
    let set = read(Mysql, "SET @old = @@UNIQUE_CHECKS, unique_checks = 0, SESSION foreign_key_checks=0");
    assert_eq!(set.len(), 3);
    assert!(
        matches!(&set[2].statement, Statement::Set { name, value, .. } if name == "foreign_key_checks" && value == "0")
    );
}

#[test]
fn what_is_not_mysql_is_said_with_what_to_do() {
    for (text, said) in [
        ("ALTR TABLE x ADD y int", "line 1, column 1: `ALTR` starts no statement of MySQL"),
        (
            "ALTER TABLE t ALTER COLUMN c TYPE bigint",
            "line 1, column 30: `ALTER COLUMN … TYPE` is PostgreSQL's, not MySQL's",
        ),
        ("CREATE INDEX CONCURRENTLY i ON t (a)", "line 1, column 14: `CONCURRENTLY` is PostgreSQL's, not MySQL's"),
        ("ALTER TABLE \"t\" ADD a int", "line 1, column 13: the table's name is expected before `\"t\"`"),
        ("ALTER TABLE t ADD a jsonb", "line 1, column 21: `jsonb` is no type of MySQL"),
        ("ALTER TABLE t ADD a int DEFAULT '1'::int", "line 1, column 36: `::` casts in PostgreSQL"),
        ("ALTER TABLE t ADD a", "line 1, column 20: the statement ends where a type is expected"),
        ("ALTER TABLE t ADD CHECK (a > 1", "line 1, column 25: this `(` is never closed"),
        ("ALTER TABLE {{ t }} ADD a int", "line 1, column 13: `{{ t }}` is a template's placeholder"),
        ("ALTER TABLE ${t} ADD a int", "line 1, column 13: `${t}` is a template's placeholder"),
        ("DROP INDEX i", "line 1, column 13: the statement ends where `ON` and the table is expected"),
        ("VACUUM t", "line 1, column 1: `VACUUM` starts no statement of MySQL"),
        ("ALTER TABLE t ADD a int,", "line 1, column 25: the statement ends where a specification is expected"),
        ("source other.sql\n", "line 1, column 1: `source` reads another file"),
        ("", "line 1, column 1: there is no statement"),
    ] {
        assert_eq!(problem(Mysql, text), said, "{text}");
    }
}
