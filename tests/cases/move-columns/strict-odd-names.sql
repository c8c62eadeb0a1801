-- title: a NOT NULL column with a unique key moves; odd names, another schema, a foreign key that does not cascade
-- versions: 10 11 15 18
-- policy: batch_rows=200
-- setup
CREATE SCHEMA "My app";
CREATE TABLE "My app"."User ""data""" (id bigint PRIMARY KEY, "E mail" text NOT NULL CONSTRAINT "one mail" UNIQUE, name text);
-- rows
INSERT INTO "My app"."User ""data""" SELECT i, 'u' || i, 'n' || i FROM generate_series(1, 700) AS i;
-- wish
CREATE TABLE "My app"."Con tacts" (owner bigint PRIMARY KEY REFERENCES "My app"."User ""data""", "Mail it" text NOT NULL UNIQUE);
INSERT INTO "My app"."Con tacts" SELECT u.id, u."E mail" FROM "My app"."User ""data""" AS u;
ALTER TABLE "My app"."User ""data""" DROP COLUMN "E mail";
