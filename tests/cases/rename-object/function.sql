-- title: a function that code calls
-- refused: code that calls
-- setup
CREATE TABLE people (id bigserial PRIMARY KEY, name text);
CREATE FUNCTION counted(integer) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM people); END $$;
-- rows
INSERT INTO people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER FUNCTION counted(integer) RENAME TO how_many;
