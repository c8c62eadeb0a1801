-- title: a refresh becomes concurrent where a unique index allows it
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
DO $$ BEGIN EXECUTE 'CREATE UNIQUE INDEX ranks_score ON ranks (score)'; END $$;
REFRESH MATERIALIZED VIEW ranks;
-- wish
REFRESH MATERIALIZED VIEW ranks;
