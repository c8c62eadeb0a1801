-- title: an index on a table whose partitions are partitioned
-- versions: 11 12 15 18
-- setup
CREATE TABLE "Sales Log" (id bigint NOT NULL, "at" date NOT NULL, region text NOT NULL, total numeric(12,2), PRIMARY KEY (id, "at", region)) PARTITION BY RANGE ("at");
CREATE TABLE sales_2025 PARTITION OF "Sales Log" FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales_2026 PARTITION OF "Sales Log" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (region);
CREATE TABLE sales_2026_eu PARTITION OF sales_2026 FOR VALUES IN ('eu');
CREATE TABLE "sales_2026_Rest" PARTITION OF sales_2026 DEFAULT;
-- rows
INSERT INTO "Sales Log" SELECT i, date '2025-01-01' + i % 700, CASE i % 3 WHEN 0 THEN 'eu' WHEN 1 THEN 'us' ELSE 'cn' END, i FROM generate_series(1, 2000) AS i;
-- wish
CREATE INDEX "sales by Total" ON "Sales Log" (region, total DESC);
