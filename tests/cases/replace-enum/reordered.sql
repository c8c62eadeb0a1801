-- title: another order, the old type steps aside first; one label becomes another
-- versions: 10 15 18
-- policy: batch_rows=300
-- differs: undo at
-- differs: 18 undo _not_null
-- value: level = r.level
-- setup
CREATE SCHEMA "My Shop";
CREATE TYPE "My Shop"."Level" AS ENUM ('high', 'low', 'urgent');
CREATE TABLE "My Shop"."Tickets" (id bigserial PRIMARY KEY, level "My Shop"."Level" NOT NULL, subject text);
CREATE INDEX "Levels" ON "My Shop"."Tickets" (level);
-- rows
INSERT INTO "My Shop"."Tickets" (level, subject) SELECT (ARRAY['high', 'low', 'urgent'])[1 + i % 3]::"My Shop"."Level", 's' || i FROM generate_series(1, 900) AS i;
-- wish
ALTER TYPE "My Shop"."Level" RENAME TO "Level old";
CREATE TYPE "My Shop"."Level" AS ENUM ('low', 'middle', 'high');
ALTER TABLE "My Shop"."Tickets" ALTER COLUMN level TYPE "My Shop"."Level" USING (CASE level::text WHEN 'urgent' THEN 'high' ELSE level::text END)::"My Shop"."Level";
DROP TYPE "My Shop"."Level old";
