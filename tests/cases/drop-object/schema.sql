-- title: an empty schema
-- setup
CREATE SCHEMA "Old Things";
CREATE TABLE people (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
DROP SCHEMA "Old Things";
