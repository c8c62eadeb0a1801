-- title: the type is changed under the old name, and the name behind it; the names are hostile
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE SCHEMA "My Shop";
CREATE TABLE "My Shop"."Order Lines" (
  "Line Id" bigserial PRIMARY KEY,
  "user" text NOT NULL,
  "Unit ""Price""" numeric(10,2) NOT NULL,
  CHECK ("Unit ""Price""" >= 0)
);
CREATE INDEX "By Price" ON "My Shop"."Order Lines" ("Unit ""Price""" DESC, "user");
COMMENT ON COLUMN "My Shop"."Order Lines"."Unit ""Price""" IS 'in €';
-- rows
INSERT INTO "My Shop"."Order Lines" ("user", "Unit ""Price""") SELECT 'u' || i, i % 90 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "My Shop"."Order Lines" ALTER COLUMN "Unit ""Price""" TYPE numeric(14,4);
ALTER TABLE "My Shop"."Order Lines" RENAME COLUMN "Unit ""Price""" TO "Price, each";
