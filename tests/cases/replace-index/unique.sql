-- title: a plain index becomes unique, written CONCURRENTLY
-- versions: 12 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE INDEX accounts_email ON accounts (email);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
DROP INDEX CONCURRENTLY accounts_email;
CREATE UNIQUE INDEX CONCURRENTLY accounts_email ON accounts (email);
