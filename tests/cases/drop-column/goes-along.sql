-- title: a CHECK, a unique constraint, a foreign key and statistics would go along without a word
-- setup
CREATE TABLE regions (id integer PRIMARY KEY, name text NOT NULL);
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL,
  region integer REFERENCES regions (id),
  score integer,
  CONSTRAINT sense CHECK (score > region OR score IS NULL),
  CONSTRAINT one_mail UNIQUE (email, region)
);
CREATE INDEX "By region, score" ON accounts (region, score);
CREATE STATISTICS together (dependencies) ON region, score FROM accounts;
-- rows
INSERT INTO regions SELECT i, 'r' || i FROM generate_series(1, 9) AS i;
INSERT INTO accounts (email, region, score) SELECT 'a' || i, 1 + i % 9, 20 + i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP COLUMN region;
