-- title: a row type that a column uses gets an attribute more
-- versions: 10 15 18
-- setup
CREATE TYPE address AS (street text, town text);
CREATE TABLE people (id bigserial PRIMARY KEY, name text NOT NULL, home address);
-- rows
INSERT INTO people (name, home) SELECT 'p' || i, ROW('s' || i, 't')::address FROM generate_series(1, 500) AS i;
-- wish
ALTER TYPE address ADD ATTRIBUTE country text;
