-- title: int to bigint under a chain of views with grants, options, comments, defaults and a trigger
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW best WITH (security_barrier=true) AS SELECT id, score, score > 3 AS "Is best" FROM accounts WHERE score IS NOT NULL;
CREATE VIEW "Very best" AS SELECT id, "Is best" FROM best WHERE score > 5;
CREATE VIEW other AS SELECT id, email FROM accounts;
CREATE FUNCTION best_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE accounts SET score = NEW.score WHERE id = NEW.id; RETURN NEW; END $$;
CREATE TRIGGER "On change" INSTEAD OF UPDATE ON best FOR EACH ROW EXECUTE PROCEDURE best_changed();
ALTER VIEW best ALTER COLUMN score SET DEFAULT 4;
COMMENT ON VIEW best IS 'who''s best';
COMMENT ON COLUMN best.score IS 'above 3';
GRANT SELECT ON best TO PUBLIC;
GRANT SELECT, UPDATE ON best TO pg_monitor WITH GRANT OPTION;
GRANT SELECT ("Is best") ON "Very best" TO pg_monitor;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
-- by hand
DROP VIEW "Very best";
DROP VIEW best;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
CREATE VIEW best WITH (security_barrier=true) AS SELECT id, score, score > 3 AS "Is best" FROM accounts WHERE score IS NOT NULL;
CREATE VIEW "Very best" AS SELECT id, "Is best" FROM best WHERE score > 5;
CREATE TRIGGER "On change" INSTEAD OF UPDATE ON best FOR EACH ROW EXECUTE PROCEDURE best_changed();
ALTER VIEW best ALTER COLUMN score SET DEFAULT 4;
COMMENT ON VIEW best IS 'who''s best';
COMMENT ON COLUMN best.score IS 'above 3';
GRANT SELECT ON best TO PUBLIC;
GRANT SELECT, UPDATE ON best TO pg_monitor WITH GRANT OPTION;
GRANT SELECT ("Is best") ON "Very best" TO pg_monitor;
-- compare
SELECT pg_typeof(score) = 'bigint'::regtype FROM best LIMIT 1;
SELECT count(*) = (SELECT count(*) FROM accounts WHERE score > 5) FROM "Very best";
