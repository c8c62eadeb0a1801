-- title: a unique and a partial index go, one of them concurrently
-- versions: 12
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
CREATE INDEX accounts_score ON accounts (score) WHERE score > 1;
CREATE UNIQUE INDEX accounts_email ON accounts (email);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP INDEX CONCURRENTLY IF EXISTS accounts_score;
DROP INDEX public.accounts_email;
