-- title: an enum that moves to another schema breaks casts by its name
-- versions: 10 18
-- refused: casts to
-- setup
CREATE SCHEMA shop;
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE t (id int PRIMARY KEY, v text);
-- rows
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) AS i;
-- wish
ALTER TYPE mood SET SCHEMA shop;
