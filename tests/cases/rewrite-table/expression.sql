-- title: a stored expression is changed in one go on a small table (17 on)
-- versions: 17 18
-- policy: strategy=direct
-- differs: no check
-- setup
CREATE TABLE boxes (id bigint PRIMARY KEY, w integer NOT NULL, h integer NOT NULL, area integer GENERATED ALWAYS AS (w * h) STORED);
-- rows
INSERT INTO boxes SELECT i, i, 2 FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE boxes ALTER COLUMN area SET EXPRESSION AS (w * h * 2);
