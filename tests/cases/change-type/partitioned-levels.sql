-- title: a wider type and an index on it, two levels of partitions
-- versions: 15 18
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, k int NOT NULL, amount int, body text, PRIMARY KEY (id, at, k)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY HASH (k);
CREATE TABLE events_2026_0 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2026_1 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE INDEX events_amount ON events (amount);
-- rows
INSERT INTO events SELECT i, date '2025-01-01' + i % 700, i % 7, i, 'b' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE events ALTER COLUMN amount TYPE bigint;
