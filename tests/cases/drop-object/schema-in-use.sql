-- title: a schema with a table
-- refused: use it
-- setup
CREATE SCHEMA old_things;
CREATE TABLE old_things.people (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO old_things.people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
DROP SCHEMA old_things;
