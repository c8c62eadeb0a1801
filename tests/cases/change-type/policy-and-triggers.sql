-- title: policies, a trigger with a column list and one with WHEN on the column
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE TABLE journal (account bigint, was text, place text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO journal VALUES (NEW.id, OLD.score, TG_ARGV[0]); RETURN NULL; END $$;
CREATE TRIGGER "Of score" AFTER UPDATE OF score, email ON accounts FOR EACH ROW EXECUTE PROCEDURE note('of');
CREATE TRIGGER when_score AFTER UPDATE ON accounts FOR EACH ROW WHEN (OLD.score IS DISTINCT FROM NEW.score AND NEW.score > 1000000) EXECUTE PROCEDURE note('when');
COMMENT ON TRIGGER when_score ON accounts IS 'only changes';
ALTER TABLE accounts DISABLE TRIGGER when_score;
CREATE POLICY "High scores" ON accounts AS RESTRICTIVE FOR UPDATE TO pg_monitor USING (score > 2) WITH CHECK (score > 2 AND email <> '');
CREATE POLICY everyone ON accounts USING (true);
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
-- by hand
DROP TRIGGER "Of score" ON accounts;
DROP TRIGGER when_score ON accounts;
DROP POLICY "High scores" ON accounts;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
CREATE TRIGGER "Of score" AFTER UPDATE OF score, email ON accounts FOR EACH ROW EXECUTE PROCEDURE note('of');
CREATE TRIGGER when_score AFTER UPDATE ON accounts FOR EACH ROW WHEN (OLD.score IS DISTINCT FROM NEW.score AND NEW.score > 1000000) EXECUTE PROCEDURE note('when');
COMMENT ON TRIGGER when_score ON accounts IS 'only changes';
ALTER TABLE accounts DISABLE TRIGGER when_score;
CREATE POLICY "High scores" ON accounts AS RESTRICTIVE FOR UPDATE TO pg_monitor USING (score > 2) WITH CHECK (score > 2 AND email <> '');
