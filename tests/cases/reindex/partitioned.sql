-- title: a partitioned table, leaf by leaf
-- versions: 12 14 18
-- differs: no check
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_old PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE events_new PARTITION OF events FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
CREATE INDEX events_note ON events (note);
-- rows
INSERT INTO events SELECT i, date '2025-12-01' + i % 60, 'n' || i FROM generate_series(1, 500) AS i;
-- wish
REINDEX TABLE events;
