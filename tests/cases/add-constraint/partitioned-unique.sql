-- title: UNIQUE on a table partitioned on two levels
-- versions: 11 12 15 18
-- setup
CREATE TABLE readings (id bigint NOT NULL, at date NOT NULL, sensor int NOT NULL, value numeric, PRIMARY KEY (id, at, sensor)) PARTITION BY RANGE (at);
CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE readings_2026 PARTITION OF readings FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (sensor);
CREATE TABLE readings_2026_1 PARTITION OF readings_2026 FOR VALUES IN (1, 2);
CREATE TABLE readings_2026_rest PARTITION OF readings_2026 DEFAULT;
-- rows
INSERT INTO readings SELECT i, date '2025-01-01' + i % 700, i % 5, i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE readings ADD CONSTRAINT readings_once UNIQUE (sensor, at, id);
