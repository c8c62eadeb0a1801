-- title: an index on a partitioned table
-- versions: 12 15 18
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, body text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- rows
INSERT INTO events SELECT i, date '2025-01-01' + i % 700, 'b' || i FROM generate_series(1, 2000) AS i;
-- wish
CREATE INDEX events_body ON events (body);
