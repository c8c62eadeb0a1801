-- title: a publication is made, and a table without a key gets its identity first
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE TABLE events (device integer NOT NULL, seen_at timestamptz NOT NULL, note text);
CREATE UNIQUE INDEX events_once ON events (device, seen_at);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
INSERT INTO events SELECT i, timestamptz '2026-01-01' + i * interval '1 minute' FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE events REPLICA IDENTITY USING INDEX events_once;
CREATE PUBLICATION feed FOR TABLE accounts, events;
