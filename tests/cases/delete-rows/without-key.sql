-- title: without a key there are no batches
-- versions: 15
-- refused: no primary key
-- setup
CREATE TABLE events (device integer, note text);
-- wish
DELETE FROM events WHERE device > 3;
