-- title: a column that references another table
-- versions: 10 12 18
-- value: region_id = (SELECT min(id) FROM regions)
-- setup
CREATE TABLE regions (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO regions (name) SELECT 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN region_id integer REFERENCES regions (id) ON DELETE SET NULL;
