-- title: int to bigint on a column with everything on it
-- differs: undo accounts.region at
-- differs: undo accounts_region_not_null
-- setup
CREATE TABLE regions (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  region integer NOT NULL DEFAULT 1 CONSTRAINT region_is_set CHECK (region > 0) REFERENCES regions (id),
  code varchar(12) NOT NULL,
  CONSTRAINT one_code_per_region UNIQUE (region, code)
);
CREATE INDEX accounts_region ON accounts (region);
COMMENT ON COLUMN accounts.region IS 'where it''s from';
-- rows
INSERT INTO regions SELECT i, 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, region, code) SELECT 'a' || i, 1 + i % 50, 'c' || i FROM generate_series(1, 50000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN region TYPE bigint;
