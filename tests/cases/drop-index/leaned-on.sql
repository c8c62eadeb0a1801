-- title: replicas tell rows apart by the index
-- versions: 15
-- refused: identifies the rows
-- setup
CREATE TABLE events (device integer NOT NULL, seen_at timestamptz NOT NULL);
CREATE UNIQUE INDEX events_once ON events (device, seen_at);
ALTER TABLE events REPLICA IDENTITY USING INDEX events_once;
-- wish
DROP INDEX events_once;
