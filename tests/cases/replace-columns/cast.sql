-- title: a text column is replaced by an integer one, with a foreign key
-- versions: 10 15
-- policy: batch_rows=300
-- value: region = (1 + {n} % 50)::text
-- value: region_id = 1 + {n} % 50
-- setup
CREATE TABLE regions (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, region text);
-- rows
INSERT INTO regions SELECT i, 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, region) SELECT 'a' || i, nullif(i % 51, 0)::text FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN region_id integer REFERENCES regions (id);
UPDATE accounts SET region_id = region::integer;
ALTER TABLE accounts DROP COLUMN region;
CREATE INDEX accounts_region_id ON accounts (region_id);
