-- title: a column with index, unique, check, foreign key and default goes
-- versions: 10 15
-- setup
CREATE TABLE regions (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  region_id integer NOT NULL DEFAULT 1 REFERENCES regions (id) CHECK (region_id > 0),
  score integer,
  UNIQUE (region_id, email)
);
CREATE INDEX accounts_region ON accounts (region_id);
-- rows
INSERT INTO regions (name) SELECT 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, region_id, score) SELECT 'a' || i, 1 + i % 50, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP COLUMN region_id;
