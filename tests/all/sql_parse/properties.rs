//! Any text is either read or refused: never a panic, never a place outside the text.

use proptest::prelude::*;
use sidestep::model::{Engine, Ident};
use sidestep::sql::{self, Statement};

const SEEDS: &[&str] = &[
    "ALTER TABLE s.t ADD COLUMN a varchar(9) DEFAULT 'x'::text NOT NULL, DROP b CASCADE, ALTER c TYPE int USING c::int;",
    "CREATE UNIQUE INDEX CONCURRENTLY i ON t USING gin (a, lower(b) DESC) INCLUDE (c) WHERE d > 1;",
    "UPDATE t x SET (a, b) = (1, 'é'), c = CASE WHEN d THEN e END FROM u WHERE f IS DISTINCT FROM g RETURNING *;",
    "CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY, UNIQUE (a) INCLUDE (b), LIKE u) PARTITION BY RANGE (a);",
    "CREATE FUNCTION f() RETURNS int AS $$ select 1; $$ LANGUAGE sql; SET LOCAL lock_timeout TO '5s'; -- +goose Down\nx",
    "COMMENT ON COLUMN s.t.c IS E'\\'' ; GRANT SELECT ON a, b TO c; COPY t FROM stdin;\n1\n\\.\nDROP TRIGGER g ON t;",
];

fn check(text: &str) {
    match sql::parse(text, Engine::Postgresql) {
        Ok(script) => {
            assert!(!script.statements.is_empty());
            let mut end = 0;
            for located in &script.statements {
                assert!(located.span.start >= end && located.span.start < located.span.end);
                end = located.span.end;
                assert_eq!(script.text.get(located.span.clone()), Some(located.text.as_str()));
                if let Statement::AlterTable { actions, .. } = &located.statement {
                    for action in actions {
                        assert_eq!(script.text.get(action.span.clone()), Some(action.text.as_str()));
                        assert!(located.span.start <= action.span.start && action.span.end <= located.span.end);
                    }
                }
            }
        }
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
                assert!(problem.line >= 1 && problem.column >= 1 && !problem.message.is_empty());
            }
        }
    }
    let read = sql::expression(text);
    if let Some(same) = sql::rename_column_in(&read, &|_| None) {
        assert_eq!(same, text.trim());
    }
    if let Some(renamed) = sql::rename_column_in(&read, &|_| Some("renamed_column".into())) {
        let again = sql::expression(&renamed).columns;
        assert!(again.iter().all(|c| c == &Ident::from("renamed_column")), "{text} → {renamed}");
    }
    let once = sql::canonical_type(text);
    assert_eq!(sql::canonical_type(&once), once, "{text}");
}

const MYSQL_SEEDS: &[&str] = &[
    "ALTER TABLE `s`.`t` ADD COLUMN a varchar(9) DEFAULT 'x\\'' NOT NULL AFTER b, DROP c, MODIFY d INT /*!50701 unsigned */;",
    "CREATE TABLE t (a int, KEY k (a(3), (lower(b)) DESC), CHECK (a > 1)) ENGINE=InnoDB PARTITION BY HASH (a) PARTITIONS 2;",
    "DELIMITER //\nCREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN IF a THEN SET b = 1; END IF; END//\nDELIMITER ;\nUPDATE a JOIN b ON a.x = b.x SET a.y = 1; # end",
    "SET NAMES utf8mb4; SET @a = 1, sql_mode = 'ANSI_QUOTES'; ALTER TABLE \"t\" ADD a int; -- +goose Down\nx",
];

/// Of MySQL and MariaDB: places, as [`check`].
fn check_mysql(text: &str) {
    for engine in [Engine::Mysql, Engine::Mariadb] {
        match sql::parse(text, engine) {
            Ok(script) => {
                let mut end = 0;
                for located in &script.statements {
                    assert!(located.span.start >= end && located.span.start < located.span.end, "{text}");
                    end = located.span.end;
                    assert_eq!(script.text.get(located.span.clone()), Some(located.text.as_str()));
                    let Statement::Mysql(tree) = &located.statement else { continue };
                    let sql::mysql::statement::Statement::AlterTable(alter) = tree.as_ref() else { continue };
                    for spec in &alter.specs {
                        assert_eq!(script.text.get(spec.span.clone()), Some(spec.text.as_str()));
                    }
                }
            }
            Err(problems) => {
                for problem in problems {
                    assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
                    assert!(problem.line >= 1 && problem.column >= 1 && !problem.message.is_empty());
                }
            }
        }
    }
    let once = sql::mysql::canonical_type(text);
    assert_eq!(sql::mysql::canonical_type(&once), once, "{text}");
    sql::mysql::expression(text);
}

#[test]
fn mysql_seeds_are_read() {
    for seed in MYSQL_SEEDS {
        if let Err(problems) = sql::parse(seed, Engine::Mysql) {
            panic!("{seed}\n{problems:?}");
        }
        check_mysql(seed);
    }
    check_mysql(&format!("ALTER TABLE t ADD CHECK ({}1{})", "(".repeat(5000), ")".repeat(5000)));
    check_mysql(&"ALTER TABLE t ADD a int; ".repeat(2000));
    check_mysql(&"/*!".repeat(3000));
    check_mysql(&format!("CREATE PROCEDURE p() {}", "BEGIN ".repeat(3000)));
}

#[test]
fn seeds_are_read() {
    for seed in SEEDS {
        assert!(sql::parse(seed, Engine::Postgresql).is_ok(), "{seed}");
        check(seed);
    }
}

#[test]
fn deep_and_long_texts_end() {
    let deep = format!("ALTER TABLE t ADD CHECK ({}1{})", "(".repeat(5000), ")".repeat(5000));
    check(&deep);
    check(&format!("UPDATE t SET a = {}", vec!["b"; 20_000].join(" + ")));
    for terms in [390, 401, 4_990] {
        for operator in [" + ", " AND ", "::int + ", " IS NULL OR ", "[1] || ", " AT TIME ZONE ", " COLLATE "] {
            check(&vec!["b"; terms].join(operator));
        }
    }
    check(&format!("SELECT {}", "CASE ".repeat(3000)));
    check(&"[".repeat(9000));
    check(&format!("ALTER TABLE t {}", vec!["ADD a int"; 5000].join(", ")));
    check(&"ALTER TABLE t ADD a int; ".repeat(5000));
    check(&"/*".repeat(9000));
    check(&"ALTR x;".repeat(9000));
    check(&format!("ALTER TABLE t {}", vec!["x"; 9000].join(",")));
    check(&format!("CREATE TABLE t ({})", vec!["1"; 9000].join(",")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(text in "\\PC{0,80}") {
        check(&text);
        check_mysql(&text);
    }

    #[test]
    fn mutated_mysql(seed in 0..MYSQL_SEEDS.len(), cut in 0usize..160, len in 0usize..12, put in "[a-z'\"`$();,.é#/*!\\\\{: -]{0,3}") {
        let mut chars: Vec<char> = MYSQL_SEEDS[seed].chars().collect();
        let from = cut.min(chars.len());
        let to = (from + len).min(chars.len());
        chars.splice(from..to, put.chars());
        check_mysql(&chars.into_iter().collect::<String>());
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_words(words in proptest::collection::vec(prop_oneof![
        Just("ALTER TABLE"), Just("t"), Just("ADD"), Just("COLUMN"), Just("("), Just(")"), Just(","), Just(";"), Just("'"),
        Just("\""), Just("$$"), Just("--"), Just("\n"), Just("/*"), Just("*/"), Just("DEFAULT"), Just("NOT NULL"), Just("1"),
        Just("::"), Just("int"), Just("é"), Just("."), Just("UPDATE"), Just("SET"), Just("="), Just("WHERE"), Just("CHECK"),
        Just("CREATE"), Just("INDEX"), Just("ON"), Just("TABLE"), Just("DROP"), Just("TYPE"), Just("\\g"), Just("E'"),
        Just("CASE"), Just("END"), Just("BEGIN ATOMIC"), Just("["), Just("]"), Just("FROM"), Just("INSERT INTO"), Just("WITH"),
        Just("COMMENT"), Just("IS"), Just("GRANT"), Just("TO"), Just("interval"), Just("REFERENCES"), Just("U&\"a\""),
    ], 0..24)) {
        check(&words.join(" "));
    }

    #[test]
    fn mutated_sql(seed in 0..SEEDS.len(), cut in 0usize..120, len in 0usize..12, put in "[a-z'\"$();,.é\\\\{: -]{0,3}") {
        let mut chars: Vec<char> = SEEDS[seed].chars().collect();
        let from = cut.min(chars.len());
        let to = (from + len).min(chars.len());
        chars.splice(from..to, put.chars());
        check(&chars.into_iter().collect::<String>());
    }
}
