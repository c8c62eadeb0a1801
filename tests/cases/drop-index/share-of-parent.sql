-- title: the share of one partition in an index of its parent
-- versions: 11 15 18
-- refused: is the share of
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, body text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX events_body ON events (body);
-- rows
INSERT INTO events SELECT i, date '2025-01-01' + i % 300, 'b' || i FROM generate_series(1, 200) AS i;
-- wish
DROP INDEX events_2025_body_idx;
