-- title: a BEFORE row trigger on a partitioned table is refused before 13
-- versions: 11 12
-- refused: BEFORE row trigger
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, note text) PARTITION BY RANGE (at);
CREATE FUNCTION trimmed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := btrim(NEW.note); RETURN NEW; END $$;
-- wish
CREATE TRIGGER events_trimmed BEFORE INSERT OR UPDATE ON events FOR EACH ROW EXECUTE PROCEDURE trimmed();
