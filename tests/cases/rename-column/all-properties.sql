-- title: what is said of a column, its indexes and constraints goes with it, under the names they had
-- versions: 12 15 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  region text NOT NULL,
  city text,
  CONSTRAINT city_of_region CHECK (region <> city),
  CONSTRAINT one_city UNIQUE (region, city) WITH (fillfactor = 70) DEFERRABLE INITIALLY DEFERRED
);
ALTER TABLE accounts ALTER COLUMN region SET STORAGE external;
ALTER TABLE accounts ALTER COLUMN region SET STATISTICS 250;
ALTER TABLE accounts ALTER COLUMN region SET (n_distinct = 50);
CREATE UNIQUE INDEX "Identity" ON accounts (region, email);
ALTER TABLE accounts REPLICA IDENTITY USING INDEX "Identity";
CREATE INDEX accounts_lower ON accounts USING btree (lower(region) text_pattern_ops DESC NULLS LAST, region COLLATE "C") WITH (fillfactor = 80) WHERE region <> 'x where y';
ALTER TABLE accounts CLUSTER ON "Identity";
CREATE STATISTICS "Region, City" (dependencies) ON region, city FROM accounts;
COMMENT ON COLUMN accounts.region IS 'where it''s from';
COMMENT ON INDEX accounts_lower IS 'for search';
COMMENT ON CONSTRAINT city_of_region ON accounts IS 'a city is no region';
COMMENT ON CONSTRAINT one_city ON accounts IS 'one';
COMMENT ON STATISTICS "Region, City" IS 'they go together';
GRANT SELECT (region), UPDATE (region) ON accounts TO PUBLIC;
-- rows
INSERT INTO accounts (email, region, city) SELECT 'a' || i, 'r' || i % 50, 'c' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN region TO area;
