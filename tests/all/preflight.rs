//! Preflight on real servers: every query runs, finds the rows it is about, and finds nothing once they are mended.

use crate::inspect;
use crate::support::{Server, majors};
use sidestep::change;
use sidestep::plan::{About, Policy, Strategy};

const SETUP: &str = r#"
CREATE SCHEMA "My App";
CREATE TABLE "My App".parents (id integer PRIMARY KEY);
CREATE TABLE "My App"."Rows" (id bigserial PRIMARY KEY, "Parent Id" integer, email text, note text, amount integer, big bigint, price numeric);
INSERT INTO "My App".parents VALUES (1);
INSERT INTO "My App"."Rows" ("Parent Id", email, note, amount, big, price) VALUES
  (1, 'a@x', 'short', 1, 1, 1), (7, 'b@x', NULL, -1, 5000000000, 123456), (NULL, 'A@x', 'far too long', 2, 2, 2), (1, 'b@x', 'x', 3, 3, 3);
"#;

const WISH: &str = r#"
ALTER TABLE "My App"."Rows" ALTER COLUMN note SET NOT NULL;
ALTER TABLE "My App"."Rows" ADD CONSTRAINT positive CHECK (amount > 0);
ALTER TABLE "My App"."Rows" ADD CONSTRAINT "of a parent" FOREIGN KEY ("Parent Id") REFERENCES "My App".parents;
ALTER TABLE "My App"."Rows" ADD CONSTRAINT one_email UNIQUE (email);
CREATE UNIQUE INDEX CONCURRENTLY lower_email ON "My App"."Rows" (lower(email));
ALTER TABLE "My App"."Rows" ALTER COLUMN big TYPE integer;
ALTER TABLE "My App"."Rows" ALTER COLUMN price TYPE numeric(5,2);
"#;

const MEND: &str = r#"
UPDATE "My App"."Rows" SET note = 'none' WHERE note IS NULL;
UPDATE "My App"."Rows" SET amount = 1, big = 1, price = 1, "Parent Id" = NULL, email = id::text;
"#;

#[test]
fn the_queries_find_what_would_make_a_step_fail() {
    for major in majors() {
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        sql.run(SETUP);
        sql.run("ANALYZE");
        let catalog = inspect::inspect(&database.url);
        let table = catalog.tables.iter().find(|t| t.name.name.as_str() == "Rows").unwrap();
        assert!(table.stats.xid_age.is_some() && catalog.wraparound.is_some_and(|w| w.xid_age < 1_000_000_000));
        let policy = Policy { strategy: Strategy::Online, ..Policy::default() };
        let plan = change::plan(WISH, &catalog, &policy).unwrap();
        let data: Vec<_> = plan.preflight.iter().filter(|q| q.about == About::Data).collect();
        assert_eq!(data.len(), 7, "{:?}", data.iter().map(|q| &q.title).collect::<Vec<_>>());
        for query in &data {
            assert!(!sql.rows(&query.sql).is_empty(), "{major}: {} finds nothing: {}", query.title, query.sql);
        }
        for query in plan.preflight.iter().filter(|q| q.about == About::Server) {
            sql.rows(&query.sql);
        }
        sql.run(MEND);
        for query in &data {
            assert!(sql.rows(&query.sql).is_empty(), "{major}: {} still finds rows: {}", query.title, query.sql);
        }
    }
}
