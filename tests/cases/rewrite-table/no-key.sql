-- title: pg_repack needs a key
-- versions: 15
-- refused: pg_repack needs a primary key
-- setup
CREATE TABLE events (device integer, note text);
-- wish
VACUUM FULL events;
