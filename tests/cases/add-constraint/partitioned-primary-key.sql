-- title: a primary key on a partitioned table, one column nullable until now
-- versions: 12 15 18
-- value: id bigint = {n}
-- setup
CREATE TABLE readings (id bigint, at date NOT NULL, value numeric) PARTITION BY RANGE (at);
CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE readings_rest PARTITION OF readings DEFAULT;
CREATE INDEX readings_at ON readings (at);
-- rows
INSERT INTO readings SELECT i, date '2025-01-01' + i % 700, i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE readings ADD PRIMARY KEY (id, at);
