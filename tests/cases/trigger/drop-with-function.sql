-- title: a trigger that fires for replicas too goes with its function, in another schema, with odd names
-- versions: 11 18
-- setup
CREATE SCHEMA "Odd schema";
CREATE TABLE "Odd schema"."User ""data""" (id bigserial PRIMARY KEY, "E mail" text NOT NULL, changed_at timestamptz);
CREATE FUNCTION "Odd schema"."Touch it"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed_at := now(); RETURN NEW; END $$;
CREATE TRIGGER "Touch me" BEFORE UPDATE ON "Odd schema"."User ""data""" FOR EACH ROW EXECUTE PROCEDURE "Odd schema"."Touch it"();
ALTER TABLE "Odd schema"."User ""data""" ENABLE ALWAYS TRIGGER "Touch me";
-- rows
INSERT INTO "Odd schema"."User ""data""" ("E mail") SELECT 'a' || i FROM generate_series(1, 500) AS i;
-- wish
DROP TRIGGER "Touch me" ON "Odd schema"."User ""data""";
DROP FUNCTION "Odd schema"."Touch it"();
