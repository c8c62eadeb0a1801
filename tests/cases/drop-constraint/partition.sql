-- title: a partition's share in its parent's constraint
-- versions: 15
-- refused: is its share in
-- setup
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- wish
ALTER TABLE events_2026 DROP CONSTRAINT events_2026_pkey;
