-- title: a NOT NULL column with default, unique, index, check, foreign key and comment gets another name
-- policy: batch_rows=300
-- setup
CREATE TABLE regions (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  region integer NOT NULL DEFAULT 1 CONSTRAINT region_is_set CHECK (region > 0) REFERENCES regions (id) ON DELETE CASCADE,
  code varchar(12) NOT NULL,
  CONSTRAINT one_code_per_region UNIQUE (region, code)
);
CREATE INDEX accounts_region ON accounts (region) WHERE region > 1;
COMMENT ON COLUMN accounts.region IS 'where it''s from';
-- rows
INSERT INTO regions (name) SELECT 'r' || i FROM generate_series(1, 50) AS i;
INSERT INTO accounts (email, region, code) SELECT 'a' || i, 1 + i % 50, 'c' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN region TO region_id;
