-- title: a sequence that no column draws from
-- setup
CREATE SEQUENCE "ticket No" START 5000;
CREATE TABLE people (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
DROP SEQUENCE "ticket No";
