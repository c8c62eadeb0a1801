-- title: a schema with a table in it
-- refused: every name in schema
-- setup
CREATE SCHEMA shop;
CREATE TABLE shop.people (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO shop.people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER SCHEMA shop RENAME TO store;
