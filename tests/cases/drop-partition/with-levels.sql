-- title: a partition that is partitioned itself, beside a default partition
-- versions: 11 15 18
-- setup
CREATE TABLE sales (id bigint NOT NULL, year int NOT NULL, region text NOT NULL, PRIMARY KEY (id, year, region)) PARTITION BY RANGE (year);
CREATE TABLE sales_2024 PARTITION OF sales FOR VALUES FROM (2024) TO (2025) PARTITION BY LIST (region);
CREATE TABLE sales_2024_eu PARTITION OF sales_2024 FOR VALUES IN ('de', 'fr');
CREATE TABLE sales_2024_rest PARTITION OF sales_2024 DEFAULT;
CREATE TABLE sales_rest PARTITION OF sales DEFAULT;
-- rows
INSERT INTO sales SELECT i, 2024 + i % 2, (ARRAY['de', 'fr', 'us', 'cn'])[1 + i % 4] FROM generate_series(1, 1000) AS i;
-- wish
DROP TABLE sales_2024;
