-- title: another name and another type under a materialised view and an index that the script builds on it
-- policy: batch_rows=300
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE MATERIALIZED VIEW best AS SELECT id, score FROM accounts WHERE score > 3;
CREATE UNIQUE INDEX best_id ON best (id);
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW best;
-- wish
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points TYPE bigint;
CREATE INDEX best_score ON best (score);
-- by hand
DROP MATERIALIZED VIEW best;
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points TYPE bigint;
CREATE MATERIALIZED VIEW best AS SELECT id, points AS score FROM accounts WHERE points > 3;
CREATE UNIQUE INDEX best_id ON best (id);
CREATE INDEX best_score ON best (score);
-- compare
SELECT count(*) = 1 FROM pg_indexes WHERE tablename = 'best' AND indexname = 'best_score';
