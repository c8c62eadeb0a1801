-- title: a list partition beside a default partition that holds rows, on the second level
-- versions: 11 12 15 18
-- stats: public.sales_2026_asia rows=9000000 heap=900MB index=200MB toast=0 writes=20
-- stats: public.sales_2026_rest rows=5000000 heap=500MB index=100MB toast=0 writes=20
-- the application changes rows of the table before it is a partition
-- differs: rows of public.sales:
-- setup
CREATE TABLE sales (id bigint NOT NULL, year int NOT NULL, region text NOT NULL, total numeric, PRIMARY KEY (id, year, region)) PARTITION BY RANGE (year);
CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM (2026) TO (2027) PARTITION BY LIST (region);
CREATE TABLE sales_2026_eu PARTITION OF sales_2026 FOR VALUES IN ('eu');
CREATE TABLE sales_2026_rest PARTITION OF sales_2026 DEFAULT;
CREATE TABLE sales_2026_asia (id bigint NOT NULL, year int NOT NULL, region text NOT NULL, total numeric, PRIMARY KEY (id, year, region));
-- rows
INSERT INTO sales SELECT i, 2026, CASE i % 2 WHEN 0 THEN 'eu' ELSE 'us' END, i FROM generate_series(1, 1000) AS i;
INSERT INTO sales_2026_asia SELECT i, 2026, CASE i % 2 WHEN 0 THEN 'cn' ELSE 'jp' END, i FROM generate_series(1001, 2000) AS i;
-- wish
ALTER TABLE sales_2026 ATTACH PARTITION sales_2026_asia FOR VALUES IN ('cn', 'jp');
-- compare
SELECT count(*) >= 1000 FROM sales WHERE region IN ('cn', 'jp');
