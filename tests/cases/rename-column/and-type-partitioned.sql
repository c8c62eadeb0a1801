-- title: another name and another type on a partitioned table
-- versions: 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE metrics (id bigint NOT NULL, at date NOT NULL, value integer NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE metrics_1 PARTITION OF metrics FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE metrics_2 PARTITION OF metrics DEFAULT;
CREATE INDEX metrics_value ON metrics (value);
-- rows
INSERT INTO metrics SELECT i, date '2026-01-01' + i % 60, i % 90 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE metrics RENAME COLUMN value TO amount;
ALTER TABLE metrics ALTER COLUMN amount TYPE bigint;
