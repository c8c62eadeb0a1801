-- title: a unique index of a partitioned table has to hold the partition key
-- versions: 12 15 18
-- refused: must hold its partition key
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, token text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- rows
INSERT INTO events SELECT i, date '2025-01-01' + i % 300, 'b' || i FROM generate_series(1, 200) AS i;
-- wish
CREATE UNIQUE INDEX events_token ON events (token);
