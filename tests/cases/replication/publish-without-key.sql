-- title: a table without a key is not to be published
-- versions: 10 18
-- refused: has no replica identity
-- setup
CREATE TABLE events (device integer NOT NULL, seen_at timestamptz NOT NULL);
-- wish
CREATE PUBLICATION feed FOR TABLE events;
