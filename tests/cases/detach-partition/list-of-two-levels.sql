-- title: a list partition on the second level, whose leftover says both levels
-- versions: 14 15 18
-- setup
CREATE TABLE sales (id bigint NOT NULL, year int NOT NULL, region text) PARTITION BY RANGE (year);
CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM (2026) TO (2027) PARTITION BY LIST (region);
CREATE TABLE "Sales 2026 EU" PARTITION OF sales_2026 FOR VALUES IN ('de', 'fr', NULL);
CREATE TABLE sales_2026_asia PARTITION OF sales_2026 FOR VALUES IN ('cn', 'jp');
-- rows
INSERT INTO sales SELECT i, 2026, (ARRAY['de', 'fr', NULL, 'cn'])[1 + i % 4] FROM generate_series(1, 1000) AS i;
-- wish
ALTER TABLE sales_2026 DETACH PARTITION "Sales 2026 EU";
