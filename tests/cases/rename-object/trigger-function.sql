-- title: a function that only triggers call
-- setup
CREATE TABLE people (id bigserial PRIMARY KEY, name text, touched timestamptz);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := now(); RETURN NEW; END $$;
CREATE TRIGGER people_touch BEFORE UPDATE ON people FOR EACH ROW EXECUTE PROCEDURE touch();
-- rows
INSERT INTO people (name) SELECT 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER FUNCTION touch() RENAME TO "set touched";
