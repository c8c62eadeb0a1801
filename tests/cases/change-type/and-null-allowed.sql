-- title: another type, and NULL is let in
-- versions: 10 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer NOT NULL);
CREATE INDEX accounts_score ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
ALTER TABLE accounts ALTER COLUMN score DROP NOT NULL;
