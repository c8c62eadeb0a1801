-- title: labels and a type with quotes, used by no column
-- versions: 10 15
-- differs: undo type DataType
-- setup
CREATE SCHEMA "Shop";
CREATE TYPE "Shop"."Order 'State'" AS ENUM ('it''s new');
CREATE TABLE t (id int PRIMARY KEY, v text);
-- rows
INSERT INTO t SELECT i, 'v' FROM generate_series(1, 100) AS i;
-- wish
ALTER TYPE "Shop"."Order 'State'" ADD VALUE IF NOT EXISTS 'it''s "done"' BEFORE 'it''s new';
