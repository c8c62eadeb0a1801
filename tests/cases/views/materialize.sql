-- title: a materialised view comes empty and is filled outside
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE MATERIALIZED VIEW ranks AS SELECT score, count(*) AS many FROM accounts GROUP BY score WITH DATA;
