-- title: a script makes room for a change of type by dropping a materialised view and creating it again with its index
-- refused: around the change of type
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
CREATE UNIQUE INDEX ranks_key ON ranks (score);
GRANT SELECT ON ranks TO PUBLIC;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW ranks;
-- wish
DROP MATERIALIZED VIEW ranks;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
CREATE UNIQUE INDEX ranks_key ON ranks (score);
GRANT SELECT ON ranks TO PUBLIC;
