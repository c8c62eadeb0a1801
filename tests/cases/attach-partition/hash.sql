-- title: a hash partition with its rows
-- versions: 11 15 18
-- stats: public.events_1 rows=9000000 heap=900MB index=0GB toast=0 writes=20
-- setup
CREATE TABLE events (id bigint NOT NULL, tenant int NOT NULL, body text) PARTITION BY HASH (tenant);
CREATE TABLE events_0 PARTITION OF events FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE INDEX events_body ON events (lower(body));
CREATE TABLE events_1 (id bigint NOT NULL, tenant int NOT NULL, body text);
-- rows
INSERT INTO events SELECT i, t, 'b' || i FROM generate_series(1, 500) AS i, generate_series(1, 9) AS t WHERE satisfies_hash_partition('events'::regclass, 2, 0, t);
INSERT INTO events_1 SELECT i, t, 'b' || i FROM generate_series(1, 500) AS i, generate_series(1, 9) AS t WHERE satisfies_hash_partition('events'::regclass, 2, 1, t);
-- wish
ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
