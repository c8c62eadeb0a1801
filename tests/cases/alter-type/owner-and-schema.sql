-- title: an enum moves to another schema
-- versions: 10 18
-- setup
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, v text);
-- rows
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) AS i;
-- wish
ALTER TYPE mood SET SCHEMA shop;
