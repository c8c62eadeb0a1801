-- title: a view that is written through, with grants, gets another name
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer NOT NULL DEFAULT 0);
CREATE VIEW "Good Ones" AS SELECT id, email AS "E-Mail" FROM accounts WHERE score > 3;
CREATE VIEW good_count AS SELECT count(*) AS n FROM "Good Ones";
GRANT SELECT, UPDATE ON "Good Ones" TO pg_monitor;
GRANT SELECT ("E-Mail") ON "Good Ones" TO PUBLIC;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER VIEW "Good Ones" RENAME TO best;
