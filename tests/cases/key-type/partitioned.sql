-- title: keys of partitioned tables cannot be exchanged online
-- versions: 12 18
-- refused: is partitioned or a partition
-- setup
CREATE TABLE events (id integer NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- rows
INSERT INTO events SELECT i, date '2026-01-01' + i % 300 FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE events ALTER COLUMN id TYPE bigint;
