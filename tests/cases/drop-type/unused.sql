-- title: an enum with owner and comment, a domain with conditions: both come back on the way back
-- versions: 10 15 18
-- setup
CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
COMMENT ON TYPE mood IS 'how it goes';
CREATE DOMAIN percent AS numeric(5,2) DEFAULT 0 NOT NULL CONSTRAINT percent_low CHECK (VALUE >= 0) CONSTRAINT percent_high CHECK (VALUE <= 100);
CREATE TABLE t (id int PRIMARY KEY, v text);
-- rows
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) AS i;
-- wish
DROP TYPE mood;
DROP DOMAIN IF EXISTS percent;
