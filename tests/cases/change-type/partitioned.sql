-- title: int to bigint on a partitioned table
-- versions: 15
-- policy: batch_rows=300
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, amount integer, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- rows
INSERT INTO events SELECT i, date '2025-01-01' + i % 700, i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE events ALTER COLUMN amount TYPE bigint;
