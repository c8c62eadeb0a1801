-- title: CLUSTER by an index, odd names
-- versions: 15
-- offline: needs pg_repack
-- stats: App.It's data rows=1500000 heap=1GB index=1GB writes=20
-- setup
CREATE SCHEMA "App";
CREATE TABLE "App"."It's data" (id bigint PRIMARY KEY, "at night" timestamptz);
CREATE INDEX "by night" ON "App"."It's data" ("at night");
-- wish
CLUSTER "App"."It's data" USING "by night";
