-- title: a materialised view reads the column
-- versions: 15
-- refused: materialised view
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
