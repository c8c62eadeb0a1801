//! What a wider key is for: numbers beyond the old type, while the old columns still stand, and what reads them by number.

use super::drive::{Drive, make_plan};
use super::journey::{prepared, read};
use crate::support::case;
use crate::support::majors;
use sidestep::plan::{PhaseName, Undo};

const VIEWS: &str = "
CREATE VIEW open_orders AS SELECT o.id, o.ref, count(l.line) AS lines FROM orders o JOIN lines l ON l.\"order\" = o.id GROUP BY o.id;
CREATE VIEW large_orders AS SELECT * FROM open_orders WHERE lines > 1;
GRANT SELECT ON large_orders TO PUBLIC;
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER moved AFTER UPDATE OF \"order\" ON lines FOR EACH ROW EXECUTE PROCEDURE noted();
";

#[test]
fn numbers_beyond_the_old_type_are_borne_and_end_the_way_back() {
    for major in majors().into_iter().filter(|m| [11, 12, 15, 18].contains(m)) {
        let mut case = case::all().into_iter().find(|c| c.id() == "key-type/serial-family").unwrap();
        case.setup.push_str(VIEWS);
        let database = prepared(&case, major).unwrap();
        let plan = make_plan(&case, &read(&database)).unwrap();
        let phases: Vec<PhaseName> = plan.steps().map(|(phase, _)| phase).collect();
        let mut drive = Drive::new(plan, &database, "keys").unwrap();
        let swap = phases.iter().position(|p| *p == PhaseName::Switch).unwrap();
        let steps = drive.steps();
        for step in &steps[..=swap] {
            drive.send(step).unwrap_or_else(|why| panic!("{major} {}: {why}", step.id));
        }
        let types = "SELECT string_agg(format_type(a.atttypid, NULL), ' ' ORDER BY c.relname) FROM pg_attribute a
            JOIN pg_class c ON c.oid = a.attrelid WHERE c.relname IN ('open_orders', 'large_orders') AND a.attname = 'id'";
        assert_eq!(drive.sql.value(types), "bigint bigint", "{major}");
        // Back and there again while all values fit.
        drive.send_undo(&steps[swap]).unwrap_or_else(|why| panic!("{major}: {why}"));
        assert_eq!(drive.sql.value(types), "integer integer", "{major}");
        for step in steps[..=swap].iter().filter(|s| s.changes_database()) {
            if drive.is_done(step).unwrap() == Some(false) {
                drive.send(step).unwrap_or_else(|why| panic!("{major} again {}: {why}", step.id));
            }
        }
        drive.sql.run("SELECT setval('orders_id_seq', 2147483646)");
        drive.sql.run(
            "WITH o AS (INSERT INTO orders (ref) SELECT 'beyond ' || i FROM generate_series(1, 20) AS i RETURNING id)
             INSERT INTO lines (\"order\", line) SELECT id, 1 FROM o",
        );
        drive.sql.run("UPDATE orders SET ref = ref || '!' WHERE id > 2147483647");
        drive.sql.run("UPDATE lines SET amount = 1 WHERE \"order\" = 2147483650");
        assert_eq!(drive.sql.value("SELECT count(*) FROM orders WHERE id > 2147483647"), "19", "{major}");
        assert_eq!(drive.sql.value("SELECT count(*) FROM orders WHERE id_old < 0"), "19", "{major}");
        let why = drive.send_undo(&steps[swap]).unwrap_err();
        assert!(why.contains("beyond the old type"), "{major}: {why}");
        for step in &steps[swap + 1..] {
            drive.send(step).unwrap_or_else(|why| panic!("{major} {}: {why}", step.id));
        }
        assert!(steps.iter().any(|s| matches!(s.undo, Undo::PointOfNoReturn { .. })));
        drive.sql.run("DELETE FROM orders WHERE id > 2147483647");
        assert_eq!(drive.sql.value("SELECT count(*) FROM lines WHERE \"order\" > 2147483647"), "0", "{major}");
        assert_eq!(
            drive.sql.value("SELECT count(*) FROM pg_attribute WHERE attname LIKE '%_old' AND NOT attisdropped"),
            "0"
        );
    }
}
