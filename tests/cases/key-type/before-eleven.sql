-- title: PostgreSQL 10 cannot make a new key column NOT NULL without a scan under the strong lock
-- versions: 10
-- refused: reads the whole table under ACCESS EXCLUSIVE
-- setup
CREATE TABLE accounts (id serial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN id TYPE bigint;
