-- title: two views, one over the other, and a policy read the column; a trigger watches it
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW names WITH (security_barrier=true) AS SELECT id, fullname, lower(fullname) AS small FROM accounts WHERE fullname IS NOT NULL;
CREATE VIEW "Short names" AS SELECT id, fullname FROM names WHERE length(fullname) < 9;
COMMENT ON VIEW names IS 'all of them';
GRANT SELECT ON names TO PUBLIC;
CREATE POLICY named ON accounts FOR SELECT TO pg_monitor USING (fullname <> '');
CREATE TABLE journal (account bigint, was text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO journal VALUES (NEW.id, OLD.email); RETURN NULL; END $$;
CREATE TRIGGER "Of name" AFTER UPDATE OF fullname ON accounts FOR EACH ROW WHEN (OLD.fullname IS DISTINCT FROM NEW.fullname AND NEW.fullname = 'never') EXECUTE PROCEDURE note();
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO "Full name";
