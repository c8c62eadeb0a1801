-- title: another name and another type, both sides written by the application
-- versions: 11 14 16 18
-- policy: sync=app batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer NOT NULL DEFAULT 3);
CREATE INDEX accounts_score ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points TYPE bigint;
