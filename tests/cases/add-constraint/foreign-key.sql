-- title: a foreign key
-- versions: 10 12 18
-- setup
CREATE TABLE regions (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, region_id integer);
-- rows
INSERT INTO regions SELECT i, 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, region_id) SELECT 'a' || i, nullif(i % 51, 0) FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD CONSTRAINT accounts_region FOREIGN KEY (region_id) REFERENCES regions (id) ON DELETE CASCADE;
