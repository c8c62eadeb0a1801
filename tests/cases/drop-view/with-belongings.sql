-- title: two views, one over the other, with options, grants and comments
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer NOT NULL DEFAULT 0);
CREATE VIEW "Good Ones" WITH (security_barrier=true) AS SELECT id, email AS "E-Mail" FROM accounts WHERE score > 3 WITH LOCAL CHECK OPTION;
CREATE VIEW good_count AS SELECT count(*) AS n FROM "Good Ones";
COMMENT ON VIEW "Good Ones" IS 'it''s who may';
COMMENT ON COLUMN "Good Ones"."E-Mail" IS 'where to write';
GRANT SELECT, UPDATE ON "Good Ones" TO pg_monitor;
GRANT SELECT (n) ON good_count TO PUBLIC;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW good_count, "Good Ones";
