-- title: a table that a logged one references stays logged
-- versions: 15
-- policy: strategy=direct
-- refused: cannot point at an unlogged one
-- setup
CREATE TABLE a (id bigint PRIMARY KEY);
CREATE TABLE b (id bigint PRIMARY KEY, a bigint REFERENCES a);
-- wish
ALTER TABLE a SET UNLOGGED;
