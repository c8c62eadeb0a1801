-- title: a type without equality keeps in step, too
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE events (id bigserial PRIMARY KEY, body json, place point);
-- rows
INSERT INTO events (body, place) SELECT ('{"n": ' || i || '}')::json, point(i, i) FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE events RENAME COLUMN body TO payload;
ALTER TABLE events RENAME COLUMN place TO spot;
