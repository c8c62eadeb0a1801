-- title: int to bigint under a materialised view with indexes, statistics, comments, grants, an owner and a view over it
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE MATERIALIZED VIEW "Best ""of"" all" WITH (fillfactor=80) AS SELECT id, score, lower(fullname) AS "low Name" FROM accounts WHERE score > 2;
CREATE UNIQUE INDEX "Best ids" ON "Best ""of"" all" (id);
CREATE INDEX best_low ON "Best ""of"" all" (upper("low Name") DESC, score) WHERE score > 3;
COMMENT ON INDEX best_low IS 'for the list';
ALTER MATERIALIZED VIEW "Best ""of"" all" CLUSTER ON "Best ids";
ALTER MATERIALIZED VIEW "Best ""of"" all" ALTER COLUMN score SET STATISTICS 500;
ALTER MATERIALIZED VIEW "Best ""of"" all" ALTER COLUMN "low Name" SET STORAGE EXTERNAL;
CREATE STATISTICS "Best pairs" ON score, "low Name" FROM "Best ""of"" all";
COMMENT ON MATERIALIZED VIEW "Best ""of"" all" IS 'who''s best';
COMMENT ON COLUMN "Best ""of"" all".score IS 'above 2';
GRANT SELECT ON "Best ""of"" all" TO PUBLIC;
GRANT SELECT (score) ON "Best ""of"" all" TO pg_monitor WITH GRANT OPTION;
GRANT SELECT ON accounts TO pg_monitor;
ALTER MATERIALIZED VIEW "Best ""of"" all" OWNER TO pg_monitor;
CREATE VIEW top AS SELECT id, score FROM "Best ""of"" all" WHERE score > 5;
GRANT SELECT ON top TO pg_monitor;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW "Best ""of"" all";
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
-- by hand
DROP VIEW top;
DROP MATERIALIZED VIEW "Best ""of"" all";
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
CREATE MATERIALIZED VIEW "Best ""of"" all" WITH (fillfactor=80) AS SELECT id, score, lower(fullname) AS "low Name" FROM accounts WHERE score > 2;
CREATE UNIQUE INDEX "Best ids" ON "Best ""of"" all" (id);
CREATE INDEX best_low ON "Best ""of"" all" (upper("low Name") DESC, score) WHERE score > 3;
COMMENT ON INDEX best_low IS 'for the list';
ALTER MATERIALIZED VIEW "Best ""of"" all" CLUSTER ON "Best ids";
ALTER MATERIALIZED VIEW "Best ""of"" all" ALTER COLUMN score SET STATISTICS 500;
ALTER MATERIALIZED VIEW "Best ""of"" all" ALTER COLUMN "low Name" SET STORAGE EXTERNAL;
CREATE STATISTICS "Best pairs" ON score, "low Name" FROM "Best ""of"" all";
COMMENT ON MATERIALIZED VIEW "Best ""of"" all" IS 'who''s best';
COMMENT ON COLUMN "Best ""of"" all".score IS 'above 2';
GRANT SELECT ON "Best ""of"" all" TO PUBLIC;
GRANT SELECT (score) ON "Best ""of"" all" TO pg_monitor WITH GRANT OPTION;
ALTER MATERIALIZED VIEW "Best ""of"" all" OWNER TO pg_monitor;
CREATE VIEW top AS SELECT id, score FROM "Best ""of"" all" WHERE score > 5;
GRANT SELECT ON top TO pg_monitor;
-- compare
SELECT count(*) = (SELECT count(*) FROM accounts WHERE id <= 2000 AND score > 2) FROM "Best ""of"" all" WHERE id <= 2000;
SELECT pg_catalog.pg_typeof(score)::text = 'bigint' FROM top LIMIT 1;
SELECT count(*) = 0 FROM pg_class WHERE relkind = 'm' AND relname LIKE '%old';
