-- title: what is left becomes the default partition of a range over two columns
-- versions: 11 15 18
-- stats: public.grid_rest rows=9000000 heap=900MB index=0GB toast=0 writes=20
-- the application changes rows of the table before it is a partition
-- differs: rows of public.grid:
-- setup
CREATE TABLE grid (a int NOT NULL, b int NOT NULL, n int NOT NULL, v text, PRIMARY KEY (a, b, n)) PARTITION BY RANGE (a, b);
CREATE TABLE grid_low PARTITION OF grid FOR VALUES FROM (MINVALUE, MINVALUE) TO (1, 500);
CREATE TABLE grid_mid PARTITION OF grid FOR VALUES FROM (1, 500) TO (3, MINVALUE);
CREATE TABLE grid_rest (a int NOT NULL, b int NOT NULL, n int NOT NULL, v text);
-- rows
INSERT INTO grid SELECT i % 3, i, i, 'v' || i FROM generate_series(1, 900) AS i;
INSERT INTO grid_rest SELECT 3 + i % 3, i, i, 'v' || i FROM generate_series(1, 900) AS i;
-- wish
ALTER TABLE grid ATTACH PARTITION grid_rest DEFAULT;
-- compare
SELECT count(*) >= 900 FROM grid WHERE a >= 3;
