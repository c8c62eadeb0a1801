//! The reader against the servers' own grammars: PREPARE tells what is a syntax error, and nothing is run.

use crate::support::{MysqlServer, MysqlSession, mysqls};
use sidestep::model::{Engine, Version};
use sidestep::sql::mysql::{Reading, read_as};

const ALTERS: &[&str] = &[
    "ADD (a INT, b INT)",
    "ADD COLUMN a INT FIRST, ADD b INT AFTER a",
    "ADD a SERIAL",
    "ADD a BIGINT UNSIGNED NOT NULL AUTO_INCREMENT UNIQUE KEY COMMENT 'x'",
    "ADD a NATIONAL VARCHAR(3), ADD b LONG VARCHAR, ADD c DOUBLE PRECISION, ADD d CHAR BYTE",
    "ADD a ENUM('x', \"y\") CHARACTER SET latin1 COLLATE latin1_bin NOT NULL DEFAULT 'x'",
    "ADD a VARCHAR(3) BINARY, ADD b CHAR(3) ASCII, ADD c CHAR(3) UNICODE, ADD d TEXT CHARSET utf8mb4",
    "ADD a DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE NOW(3)",
    "ADD a INT DEFAULT -1, ADD b BIT(8) DEFAULT b'101', ADD c VARCHAR(9) DEFAULT _utf8mb4'x'",
    "ADD a INT GENERATED ALWAYS AS (b + 1) STORED, ADD c INT AS (b) VIRTUAL",
    "ADD a INT REFERENCES p (id) ON DELETE CASCADE",
    "ADD a INT CHECK (a > 0)",
    "ADD a POINT NOT NULL",
    "ADD a VARCHAR(9) COLLATE utf8mb4_bin NOT NULL DEFAULT 'it''s' COMMENT 'a, b'",
    "ADD INDEX (a), ADD KEY k (a, b), ADD UNIQUE u (a), ADD UNIQUE INDEX (b), ADD UNIQUE KEY (c)",
    "ADD CONSTRAINT u UNIQUE (a), ADD CONSTRAINT UNIQUE KEY x (b), ADD CONSTRAINT pk PRIMARY KEY (id)",
    "ADD KEY k USING BTREE (a(10) DESC) COMMENT 'x' KEY_BLOCK_SIZE = 4",
    "ADD KEY k (a) USING HASH",
    "ADD FULLTEXT f (a), ADD FULLTEXT KEY g (b)",
    "ADD SPATIAL INDEX s (g)",
    "ADD FOREIGN KEY (a) REFERENCES p (id)",
    "ADD CONSTRAINT f FOREIGN KEY i (a, b) REFERENCES s.p (x, y) MATCH SIMPLE ON DELETE SET NULL ON UPDATE NO ACTION",
    "ADD CONSTRAINT c CHECK (a > 0 AND b IN ('x', ')'))",
    "MODIFY a INT, MODIFY COLUMN b TEXT AFTER a",
    "CHANGE a b INT(11) ZEROFILL FIRST",
    "ALTER a SET DEFAULT 1, ALTER COLUMN b SET DEFAULT (uuid()), ALTER c DROP DEFAULT",
    "DROP a, DROP COLUMN b RESTRICT, DROP INDEX i, DROP KEY j, DROP PRIMARY KEY, DROP FOREIGN KEY f",
    "DROP CONSTRAINT c",
    "RENAME COLUMN a TO b, RENAME INDEX i TO j, RENAME KEY k TO l",
    "RENAME b",
    "RENAME TO s.b",
    "RENAME AS b",
    "RENAME = b",
    "CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "CONVERT TO CHARSET utf8mb4",
    "DEFAULT CHARACTER SET = latin1 COLLATE latin1_bin",
    "CHARSET utf8mb4, COLLATE = utf8mb4_bin",
    "ENGINE = InnoDB ROW_FORMAT DYNAMIC AUTO_INCREMENT 5, COMMENT 'x' STATS_PERSISTENT=1",
    "KEY_BLOCK_SIZE 8 MAX_ROWS=10 CHECKSUM 1",
    "ORDER BY a, b DESC",
    "FORCE, ALGORITHM=INPLACE, LOCK=NONE",
    "ALGORITHM COPY, LOCK SHARED, ADD a INT",
    "ALGORITHM = DEFAULT, LOCK = DEFAULT",
    "ENABLE KEYS",
    "DISABLE KEYS",
    "DISCARD TABLESPACE",
    "PARTITION BY RANGE (a) (PARTITION p0 VALUES LESS THAN (10) COMMENT 'x', PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "PARTITION BY LIST COLUMNS (a, b) (PARTITION p VALUES IN ((1, 2), (3, 4)))",
    "PARTITION BY LINEAR KEY (a) PARTITIONS 4",
    "ADD a INT PARTITION BY HASH (a) PARTITIONS 2",
    "PARTITION BY RANGE (a) SUBPARTITION BY HASH (b) SUBPARTITIONS 2 (PARTITION p VALUES LESS THAN (5))",
    "REMOVE PARTITIONING",
    "ADD a INT REMOVE PARTITIONING",
    "ADD PARTITION (PARTITION p VALUES LESS THAN (5))",
    "ADD PARTITION PARTITIONS 2",
    "DROP PARTITION p, q",
    "TRUNCATE PARTITION ALL",
    "COALESCE PARTITION 2",
    "REORGANIZE PARTITION p INTO (PARTITION a VALUES LESS THAN (5), PARTITION b VALUES LESS THAN (10))",
    "EXCHANGE PARTITION p WITH TABLE u",
    "REBUILD PARTITION p, q",
    "OPTIMIZE PARTITION ALL",
    "ANALYZE PARTITION p",
    // Neither.
    "ADD a",
    "ADD INDEX a",
    "ADD a INT ADD b INT",
    "ADD a INT,",
    "ADD a jsonb",
    "ADD a INT DEFAULT",
    "ADD a INT NOT",
    "ADD a INT[]",
    "ADD a INT DEFAULT '1'::int",
    "ADD KEY (lower(a))",
    "ALTER a TYPE BIGINT",
    "ALTER a SET NOT NULL",
    "DROP a CASCADE b",
    "MODIFY a",
    "CHANGE a INT",
    "RENAME COLUMN a b",
    "RENAME CONSTRAINT a TO b",
    "ADD CONSTRAINT c CHECK a > 0",
    "ADD FOREIGN KEY (a) REFERENCES",
    "ADD FOREIGN KEY (a) REFERENCES p (id) DEFERRABLE",
    "CONVERT TO utf8",
    "ALGORITHM=FAST",
    "LOCK=MAYBE",
    "OWNER TO me",
    "VALIDATE CONSTRAINT c",
    "DROP PARTITION",
    "ADD \"a\" INT",
];

const MYSQL_ALTERS: &[&str] = &[
    "ADD a INT CONSTRAINT c CHECK (a > 0), ADD b INT AS (a) STORED NOT NULL",
    "ADD a INT COLUMN_FORMAT FIXED",
    "ADD a INT NOT NULL SRID 4326",
    "ADD a GEOMETRY NOT NULL SRID 4326",
    "ADD a JSON DEFAULT (json_array()), ADD b INT INVISIBLE, ADD c INT VISIBLE",
    "ADD a INT ENGINE_ATTRIBUTE = '{}'",
    "ADD KEY k ((a + 1), (lower(b)) DESC) INVISIBLE",
    "ADD FULLTEXT INDEX f (a) WITH PARSER ngram",
    "ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED",
    "ALTER CHECK c NOT ENFORCED, ALTER CONSTRAINT d ENFORCED",
    "ALTER INDEX i INVISIBLE, ALTER COLUMN a SET VISIBLE",
    "DROP CHECK c",
    "ENCRYPTION='Y', COMPRESSION='zlib', AUTOEXTEND_SIZE=4M",
    "EXCHANGE PARTITION p WITH TABLE u WITHOUT VALIDATION",
    "ALGORITHM=INPLACE, LOCK=NONE, DROP PARTITION p",
    "DISCARD PARTITION p TABLESPACE",
    "SECONDARY_ENGINE = NULL",
    "ALGORITHM=INSTANT, ADD a VECTOR(3)",
];

const MARIADB_ALTERS: &[&str] = &[
    "ADD COLUMN IF NOT EXISTS a INT",
    "ADD COLUMN IF NOT EXISTS (a INT, b INT)",
    "DROP COLUMN IF EXISTS a",
    "MODIFY COLUMN IF EXISTS a INT, CHANGE COLUMN IF EXISTS b c INT",
    "ADD INDEX IF NOT EXISTS i (a), ADD UNIQUE KEY IF NOT EXISTS u (a)",
    "DROP INDEX IF EXISTS i, DROP FOREIGN KEY IF EXISTS f, DROP CONSTRAINT IF EXISTS c",
    "ADD CONSTRAINT IF NOT EXISTS c CHECK (a > 0)",
    "ADD FOREIGN KEY IF NOT EXISTS f (a) REFERENCES p (id)",
    "ADD SYSTEM VERSIONING",
    "DROP SYSTEM VERSIONING",
    "ADD PERIOD FOR app (a, b)",
    "DROP PERIOD FOR app",
    "ADD a UUID DEFAULT uuid(), ADD b INET6, ADD c INT DEFAULT (1 + 2 * 3)",
    "ADD a INT WITHOUT SYSTEM VERSIONING",
    "ADD a TEXT COMPRESSED, ADD b INT INVISIBLE",
    "ALTER INDEX i IGNORED, ALTER KEY j NOT IGNORED",
    "ADD KEY i (a) IGNORED",
    "RENAME COLUMN IF EXISTS a TO b, RENAME INDEX IF EXISTS i TO j",
    "ALTER COLUMN IF EXISTS a SET DEFAULT 1",
    "NOWAIT ADD a INT",
    "WAIT 5 ADD a INT, ALGORITHM=NOCOPY",
    "PAGE_COMPRESSED=1, ENCRYPTED=YES",
    "DROP PARTITION IF EXISTS p",
    "ADD PARTITION IF NOT EXISTS (PARTITION p VALUES LESS THAN (5))",
    "CONVERT PARTITION p TO TABLE u",
    "CONVERT TABLE u TO PARTITION p VALUES LESS THAN (5)",
    "ADD VECTOR INDEX v (e) M=6 DISTANCE=cosine",
];

const WHOLE: &[&str] = &[
    "CREATE TABLE t (a INT) ENGINE=InnoDB, COMMENT='x' DEFAULT CHARSET=utf8mb4",
    "CREATE TABLE t (a INT, KEY (a), CONSTRAINT c FOREIGN KEY (a) REFERENCES p (id), CHECK (a > 0))",
    "CREATE TABLE t LIKE u",
    "CREATE TABLE t (LIKE u)",
    "CREATE TABLE t (a INT) AS SELECT 1 AS a",
    "CREATE TABLE t IGNORE SELECT * FROM u",
    "CREATE TABLE t SELECT * FROM u",
    "CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT)",
    "CREATE TABLE t (a INT) PARTITION BY HASH (a) PARTITIONS 2",
    "CREATE UNIQUE INDEX i USING BTREE ON t (a, b DESC) COMMENT 'x' ALGORITHM=INPLACE LOCK=NONE",
    "CREATE FULLTEXT INDEX i ON t (a)",
    "DROP INDEX i ON t",
    "DROP TABLE IF EXISTS a, b CASCADE",
    "RENAME TABLE a TO b, c TO d",
    "TRUNCATE t",
    "UPDATE LOW_PRIORITY IGNORE t AS x SET x.a = 1, b = DEFAULT WHERE c = 2 ORDER BY d LIMIT 3",
    "UPDATE a JOIN b USING (id), c SET a.x = b.y WHERE c.z = 1",
    "UPDATE a LEFT JOIN (SELECT id FROM q) AS b ON a.id = b.id SET a.x = 1",
    "DELETE QUICK FROM t WHERE a = 1 ORDER BY b LIMIT 1",
    "DELETE a, b FROM a INNER JOIN b ON a.id = b.id",
    "DELETE FROM a, b USING a JOIN b ON a.id = b.id",
    "DELETE a.* FROM a, b WHERE a.id = b.id",
    "INSERT INTO t VALUES (1, DEFAULT), (2, 3)",
    "INSERT t (a) VALUE (1) ON DUPLICATE KEY UPDATE a = VALUES(a)",
    "INSERT IGNORE INTO t SET a = 1, b = 2",
    "INSERT INTO t (a, b) SELECT a, b FROM u",
    "INSERT INTO t () VALUES ()",
    "REPLACE INTO t (a) SELECT a FROM u",
    "CREATE OR REPLACE ALGORITHM=MERGE VIEW v (x) AS SELECT a FROM t WITH CHECK OPTION",
    "CREATE VIEW v AS SELECT a FROM t UNION SELECT 2",
    "DROP VIEW IF EXISTS v, w",
    "SET @a = 1, @b := 2, SESSION sql_mode = '', foreign_key_checks = 0",
    "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
    "OPTIMIZE TABLE t, u",
    "ANALYZE LOCAL TABLE t",
    "ALTER TABLE t",
    // Neither.
    "CREATE TABLE t ()",
    "CREATE TABLE t (a INT,)",
    "CREATE INDEX CONCURRENTLY i ON t (a)",
    "CREATE INDEX ON t (a)",
    "DROP INDEX i",
    "UPDATE t SET",
    "UPDATE t SET a = 1 FROM u",
    "DELETE t",
    "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING",
    "INSERT INTO t DEFAULT VALUES",
    "COMMENT ON TABLE t IS 'x'",
    "CREATE EXTENSION x",
    "CREATE TYPE x AS ENUM ('a')",
    "ALTER INDEX i RENAME TO j",
    "TRUNCATE a, b",
    "SET a TO 1",
    "VACUUM t",
    "RENAME TABLE a b",
    "UPDATE t SET a = 1 RETURNING a",
];

fn differences(server: &'static MysqlServer) -> Vec<String> {
    let database = server.fresh_database();
    let mut sql = MysqlSession::open(&database.url);
    let version: Version = sql.value("SELECT VERSION()").parse().unwrap();
    let engine = if server.is_mariadb() { Engine::Mariadb } else { Engine::Mysql };
    let reading = Reading { version, ..Reading::newest(engine) };
    let newest = matches!(server.name, "mysql-9.7" | "mariadb-11.8");
    let own = if server.is_mariadb() { MARIADB_ALTERS } else { MYSQL_ALTERS };
    let alters = ALTERS.iter().chain(own.iter().filter(|_| newest)).map(|a| format!("ALTER TABLE t {a}"));
    let mut report = Vec::new();
    for text in alters.chain(WHOLE.iter().map(|w| (*w).to_owned())) {
        let quoted = text.replace('\\', "\\\\").replace('\'', "''");
        let refused = sql.try_run(&format!("PREPARE s FROM '{quoted}'")).err();
        let syntax = refused.as_ref().filter(|r| [1064, 1800, 1801, 4161].contains(&r.code));
        let (_, problems) = read_as(&text, reading);
        if syntax.is_some() == problems.is_empty() {
            let said = refused.map(|r| format!("{} {}", r.code, r.message));
            report.push(format!("{}: {text}\n   server: {said:?}\n   reader: {problems:?}", server.name));
        }
    }
    report
}

#[test]
fn the_reader_takes_what_the_servers_take() {
    let newest = mysqls().into_iter().filter(|n| matches!(*n, "mysql-9.7" | "mariadb-11.8"));
    let report: Vec<String> = newest.flat_map(|name| differences(MysqlServer::of(name))).collect();
    assert!(report.is_empty(), "{} differ\n{}", report.len(), report.join("\n"));
}
