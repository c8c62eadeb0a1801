-- title: a partitioned table gets another name, its partitions keep theirs
-- versions: 11 12 15 18
-- setup
CREATE TABLE events (id bigint NOT NULL, day date NOT NULL, what text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- rows
INSERT INTO events SELECT i, date '2024-01-01' + (i % 700)::int, 'w' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE events RENAME TO happenings;
-- compare
SELECT count(*) = 2 FROM pg_inherits WHERE inhparent = 'happenings'::regclass;
