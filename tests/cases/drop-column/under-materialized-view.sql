-- title: a materialised view reads the column that goes
-- refused: materialized view `public.ranks`
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP COLUMN score;
