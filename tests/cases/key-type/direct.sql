-- title: small tables in one transaction, the counter too
-- versions: 10 18
-- policy: strategy=direct
-- setup
CREATE TABLE kinds (id smallserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE things (id bigserial PRIMARY KEY, kind smallint REFERENCES kinds);
-- rows
INSERT INTO kinds (name) SELECT 'k' || i FROM generate_series(1, 50) AS i;
INSERT INTO things (kind) SELECT 1 + i % 50 FROM generate_series(1, 100) AS i;
-- wish
ALTER TABLE kinds ALTER COLUMN id TYPE integer;
ALTER SEQUENCE kinds_id_seq AS integer;
ALTER TABLE things ALTER COLUMN kind TYPE integer;
