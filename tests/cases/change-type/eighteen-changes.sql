-- title: eighteen changes on three tables with hostile names: types, NULL, defaults, indexes, constraints, a view
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: no check
-- value: a integer = 1 + {n} % 9
-- value: a bigint = 1 + {n} % 9
-- value: Größe numeric(8,2) = {n} % 90
-- value: Größe numeric(12,4) = {n} % 90
-- value: account integer = 1 + {n} % 20
-- differs: undo accounts.a at
-- differs: undo accounts_a_not_null
-- setup
CREATE SCHEMA "Odd One";
CREATE TABLE "Odd One".accounts (id bigserial PRIMARY KEY, a integer NOT NULL, b text, "C d" varchar(20), e integer DEFAULT 4);
CREATE INDEX "Accounts, by a" ON "Odd One".accounts (a);
CREATE TABLE "Odd One"."Things" (id bigserial PRIMARY KEY, account integer NOT NULL, "Größe" numeric(8,2) NOT NULL CHECK ("Größe" >= 0), at timestamp);
CREATE TABLE events (id bigserial PRIMARY KEY, kind text NOT NULL, body text, seen integer);
CREATE VIEW "Odd One".big AS SELECT id, a FROM "Odd One".accounts WHERE a > 5;
COMMENT ON VIEW "Odd One".big IS 'before';
-- rows
INSERT INTO "Odd One".accounts (a, b, "C d") SELECT 1 + i % 9, 'b' || i, 'c' || i FROM generate_series(1, 1000) AS i;
INSERT INTO "Odd One"."Things" (account, "Größe") SELECT 1 + i % 20, i % 90 FROM generate_series(1, 1000) AS i;
INSERT INTO events (kind, body) SELECT 'k' || i % 5, CASE WHEN i % 3 > 0 THEN 'b' || i END FROM generate_series(1, 1000) AS i;
-- wish
SET search_path = "Odd One", public;
DROP VIEW big;
ALTER TABLE accounts ALTER COLUMN a TYPE bigint, ALTER COLUMN "C d" TYPE varchar(40), ALTER COLUMN b SET NOT NULL;
CREATE VIEW big AS SELECT id, a FROM accounts WHERE a > 6;
COMMENT ON VIEW big IS 'behind';
ALTER TABLE accounts ALTER COLUMN e SET DEFAULT 5;
ALTER TABLE accounts ALTER COLUMN e SET DEFAULT 6;
CREATE UNIQUE INDEX "A and id" ON accounts (a, id);
COMMENT ON COLUMN accounts.a IS 'wide';
ALTER TABLE "Things" ALTER COLUMN account SET DEFAULT 1, ALTER COLUMN "Größe" TYPE numeric(12,4), ALTER COLUMN "Größe" DROP NOT NULL;
ALTER TABLE "Things" ADD CONSTRAINT "of account" FOREIGN KEY (account) REFERENCES accounts (id);
ALTER TABLE "Things" ADD COLUMN weight numeric DEFAULT 0;
ALTER TABLE "Things" ALTER COLUMN weight DROP DEFAULT;
CREATE INDEX ON "Things" ("Größe" DESC);
UPDATE events SET body = '' WHERE body IS NULL;
ALTER TABLE events ALTER COLUMN body SET NOT NULL;
ALTER TABLE events ADD CONSTRAINT seen_counts CHECK (seen >= 0);
ALTER TABLE events DROP COLUMN kind;
