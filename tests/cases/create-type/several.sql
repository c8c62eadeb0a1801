-- title: an enum, a row type and a domain with conditions, one of them in a schema with a hostile name
-- versions: 10 15 18
-- setup
CREATE SCHEMA "My Shop";
CREATE TABLE t (id int PRIMARY KEY, v text);
-- rows
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) AS i;
-- wish
CREATE TYPE "My Shop"."Order" AS ENUM ('it''s new', 'done');
CREATE TYPE money_amount AS (amount numeric(12,2), currency char(3));
CREATE DOMAIN percent AS numeric(5,2) DEFAULT 0 NOT NULL CONSTRAINT percent_low CHECK (VALUE >= 0) CHECK (VALUE <= 100);
