-- title: two tables that point at each other, in one statement, with names that need quotes
-- setup
CREATE SCHEMA "Old";
CREATE TABLE "Old"."Heads" (id bigserial PRIMARY KEY, "last line" bigint);
CREATE TABLE "Old"."Lines" (id bigserial PRIMARY KEY, head_id bigint NOT NULL REFERENCES "Old"."Heads" (id));
ALTER TABLE "Old"."Heads" ADD CONSTRAINT "last of" FOREIGN KEY ("last line") REFERENCES "Old"."Lines" (id);
-- rows
INSERT INTO "Old"."Heads" (id) SELECT i FROM generate_series(2000000, 2000500) AS i;
INSERT INTO "Old"."Lines" (head_id) SELECT 2000000 + i % 500 FROM generate_series(1, 2000) AS i;
-- wish
DROP TABLE "Old"."Heads", "Old"."Lines";
