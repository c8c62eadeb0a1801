-- title: name, type, NOT NULL and default of one column at once, in one plan
-- versions: 10 11 12 14 15 16 18
-- policy: batch_rows=300
-- value: Level smallint = {n} % 5
-- value: grade integer = {n} % 5
-- setup
CREATE TABLE "Players" (
  id bigserial PRIMARY KEY,
  nick text NOT NULL,
  "Level" smallint DEFAULT 1 CHECK ("Level" >= 0)
);
CREATE INDEX "Players by level" ON "Players" ("Level", nick);
CREATE STATISTICS players_stats (dependencies) ON "Level", nick FROM "Players";
COMMENT ON COLUMN "Players"."Level" IS 'how far';
COMMENT ON INDEX "Players by level" IS 'ranking';
GRANT UPDATE ("Level") ON "Players" TO PUBLIC;
-- rows
INSERT INTO "Players" (nick, "Level") SELECT 'n' || i, CASE WHEN i % 4 > 0 THEN i % 5 END FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "Players" RENAME COLUMN "Level" TO grade;
ALTER TABLE "Players" ALTER COLUMN grade DROP DEFAULT, ALTER COLUMN grade TYPE integer, ALTER COLUMN grade SET DEFAULT 0;
UPDATE "Players" SET grade = 0 WHERE grade IS NULL;
ALTER TABLE "Players" ALTER COLUMN grade SET NOT NULL;
