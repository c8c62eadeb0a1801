-- title: a column gets another name under a materialised view with a unique index, a view over it and a policy beside it
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE POLICY "By score" ON accounts USING (score IS NOT NULL);
CREATE VIEW plain AS SELECT id, score FROM accounts;
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
CREATE UNIQUE INDEX "Ranks key" ON ranks (score);
CREATE INDEX ON ranks ((score * 2));
COMMENT ON MATERIALIZED VIEW ranks IS 'how many';
GRANT SELECT ON ranks TO pg_monitor;
CREATE VIEW "Best ranks" AS SELECT * FROM ranks WHERE score > 3;
COMMENT ON VIEW "Best ranks" IS 'the best';
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW ranks;
-- wish
ALTER TABLE accounts RENAME COLUMN score TO "Points";
-- compare
SELECT count(*) = 3 FROM "Best ranks" JOIN plain USING (score) WHERE id IN (102, 103, 104);
SELECT count(*) = 0 FROM pg_class WHERE relkind IN ('m', 'v') AND relname LIKE '%\_old';
