-- title: a foreign key that sets NULL from now on, in two statements, names as others choose them
-- versions: 10 12 15 18
-- stats: "My App"."Order Lines" rows=40000000 heap=6GB index=2GB writes=80
-- setup
CREATE SCHEMA "My App";
CREATE TABLE "My App"."User" (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE "My App"."Order Lines" (id bigserial PRIMARY KEY, "User Id" integer, qty integer NOT NULL DEFAULT 1,
  CONSTRAINT "lines of a user" FOREIGN KEY ("User Id") REFERENCES "My App"."User" (id) ON DELETE CASCADE);
CREATE INDEX "by user" ON "My App"."Order Lines" ("User Id");
-- rows
INSERT INTO "My App"."User" SELECT i, 'u' || i FROM generate_series(1, 50) AS i;
INSERT INTO "My App"."Order Lines" ("User Id") SELECT nullif(i % 51, 0) FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "My App"."Order Lines" DROP CONSTRAINT "lines of a user";
ALTER TABLE "My App"."Order Lines" ADD CONSTRAINT "lines of a user" FOREIGN KEY ("User Id") REFERENCES "My App"."User" ON DELETE SET NULL;
