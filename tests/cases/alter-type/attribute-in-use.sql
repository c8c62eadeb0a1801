-- title: an attribute that columns hold cannot be renamed under running code
-- versions: 15
-- refused: is used by columns of `public.people`
-- setup
CREATE TYPE address AS (street text, town text);
CREATE TABLE people (id bigserial PRIMARY KEY, home address);
-- wish
ALTER TYPE address RENAME ATTRIBUTE town TO city;
