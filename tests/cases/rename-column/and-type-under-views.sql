-- title: views, a policy and a trigger read a column that gets another name and another type
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer NOT NULL, kept text);
CREATE VIEW good AS SELECT id, email, score FROM accounts WHERE score > 3;
CREATE VIEW best AS SELECT id, score + 1 AS next FROM good WHERE score > 5;
COMMENT ON VIEW good IS 'those with a score';
GRANT SELECT ON good TO PUBLIC;
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON accounts USING (score >= 0);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.kept := 'noted'; RETURN NEW; END $$;
CREATE TRIGGER note BEFORE UPDATE OF score ON accounts FOR EACH ROW EXECUTE PROCEDURE noted();
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points TYPE bigint;
-- by hand
DROP VIEW best;
DROP VIEW good;
DROP POLICY seen ON accounts;
DROP TRIGGER note ON accounts;
ALTER TABLE accounts RENAME COLUMN score TO points;
ALTER TABLE accounts ALTER COLUMN points TYPE bigint;
CREATE TRIGGER note BEFORE UPDATE OF points ON accounts FOR EACH ROW EXECUTE PROCEDURE noted();
CREATE POLICY seen ON accounts USING (points >= 0);
CREATE VIEW good AS SELECT id, email, points AS score FROM accounts WHERE points > 3;
CREATE VIEW best AS SELECT id, score + 1 AS next FROM good WHERE score > 5;
COMMENT ON VIEW good IS 'those with a score';
GRANT SELECT ON good TO PUBLIC;
