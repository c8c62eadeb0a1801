-- title: a serial key that nothing references
-- versions: 11 15 18
-- policy: batch_rows=300
-- differs: sequence
-- setup
CREATE TABLE accounts (id serial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN id TYPE bigint;
