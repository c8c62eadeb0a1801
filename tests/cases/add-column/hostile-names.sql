-- title: names that need quotes, in every place
-- versions: 10 15 18
-- policy: batch_rows=300
-- setup
CREATE TABLE "; drop table x; --" ("Id" bigserial PRIMARY KEY, "select" text NOT NULL, "a""b" integer, "c'd" text UNIQUE);
-- rows
INSERT INTO "; drop table x; --" ("select", "a""b", "c'd") SELECT 's' || i, i, 'c' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE "; drop table x; --" ADD COLUMN "order" text, ADD COLUMN "Zwölf Größen" integer NOT NULL DEFAULT 12;
UPDATE "; drop table x; --" SET "order" = upper("select");
ALTER TABLE "; drop table x; --" ALTER COLUMN "order" SET NOT NULL;
CREATE INDEX "Index on ""order""" ON "; drop table x; --" ("order", "a""b" DESC);
ALTER TABLE "; drop table x; --" ADD CONSTRAINT "what's 100%?" CHECK ("a""b" > 0);
