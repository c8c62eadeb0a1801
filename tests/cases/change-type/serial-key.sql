-- title: int to bigint on the primary key
-- versions: 10 15
-- policy: batch_rows=300
-- refused: part of the primary key
-- setup
CREATE TABLE accounts (id serial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN id TYPE bigint;
