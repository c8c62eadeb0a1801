-- title: a column gets another name and a wider type in one plan: one new column, one trigger, one backfill
-- versions: 10 11 12 14 15 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE regions (id bigint PRIMARY KEY, name text);
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  region integer NOT NULL DEFAULT 1 REFERENCES regions (id),
  code text,
  CONSTRAINT region_is_set CHECK (region > 0),
  CONSTRAINT one_code_per_region UNIQUE (region, code)
);
CREATE INDEX accounts_region ON accounts (region) WHERE region > 1;
COMMENT ON COLUMN accounts.region IS 'where it''s from';
GRANT SELECT (region) ON accounts TO PUBLIC;
-- value: region integer = 1 + {n} % 5
-- value: area bigint = 1 + {n} % 5
-- rows
INSERT INTO regions SELECT i, 'r' || i FROM generate_series(1, 5) AS i;
INSERT INTO accounts (email, region, code) SELECT 'a' || i, 1 + i % 5, 'c' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN region TO area;
ALTER TABLE accounts ALTER COLUMN area TYPE bigint;
