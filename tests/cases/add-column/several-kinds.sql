-- title: several changes of two tables in one wish
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- value: region_id = (SELECT min(id) FROM regions)
-- differs: undo rows
-- setup
CREATE TABLE regions (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, nick text, score integer);
-- rows
INSERT INTO regions (name) SELECT 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, nick, score) SELECT 'a' || i, CASE WHEN i % 3 > 0 THEN 'n' || i END, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN region_id integer REFERENCES regions (id);
ALTER TABLE regions ADD COLUMN code char(2) NOT NULL DEFAULT 'xx';
CREATE INDEX regions_code ON regions (code);
UPDATE accounts SET nick = 'none' WHERE nick IS NULL;
ALTER TABLE accounts ALTER COLUMN nick SET NOT NULL;
ALTER TABLE accounts ALTER COLUMN score SET DEFAULT 0;
CREATE INDEX accounts_region ON accounts (region_id) WHERE region_id IS NOT NULL;
