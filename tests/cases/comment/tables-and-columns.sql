-- title: comments come, change and go
-- versions: 10 15 18
-- setup
CREATE SCHEMA "My Shop";
CREATE TABLE "My Shop"."T a" (id bigserial PRIMARY KEY, "E mail" text NOT NULL, score integer);
COMMENT ON COLUMN "My Shop"."T a".score IS 'old';
COMMENT ON COLUMN "My Shop"."T a"."E mail" IS 'it''s \ old';
CREATE VIEW v AS SELECT 1 AS one;
-- rows
INSERT INTO "My Shop"."T a" ("E mail", score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
COMMENT ON TABLE "My Shop"."T a" IS 'who may log in; and who may not';
COMMENT ON COLUMN "My Shop"."T a"."E mail" IS 'it''s \ new';
COMMENT ON COLUMN "My Shop"."T a".score IS NULL;
COMMENT ON VIEW v IS 'one';
