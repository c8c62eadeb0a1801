-- title: triggers are switched off and made to fire always; one is renamed
-- versions: 10 14 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed_at := now(); RETURN NEW; END $$;
CREATE TRIGGER accounts_touch BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE PROCEDURE touch();
CREATE TRIGGER accounts_touch_new BEFORE INSERT ON accounts FOR EACH ROW EXECUTE PROCEDURE touch();
CREATE TRIGGER old_name BEFORE UPDATE OF email ON accounts FOR EACH ROW EXECUTE PROCEDURE touch();
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts DISABLE TRIGGER accounts_touch;
ALTER TABLE accounts ENABLE ALWAYS TRIGGER accounts_touch_new;
ALTER TRIGGER old_name ON accounts RENAME TO accounts_mail;
