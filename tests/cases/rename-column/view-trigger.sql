-- title: a trigger's function meets the table's own rows
-- policy: rename=view
-- refused: the functions of its triggers
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, fullname text);
CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.fullname := btrim(NEW.fullname); RETURN NEW; END $$;
CREATE TRIGGER accounts_tidy BEFORE INSERT OR UPDATE ON accounts FOR EACH ROW EXECUTE PROCEDURE tidy();
-- rows
INSERT INTO accounts (fullname) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO full_name;
