-- title: one of two functions of a name
-- setup
CREATE TABLE people (id bigserial PRIMARY KEY, name text);
CREATE FUNCTION counted(integer) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM people); END $$;
CREATE FUNCTION counted(text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM people WHERE name = $1); END $$;
-- rows
INSERT INTO people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
DROP FUNCTION counted(integer);
