-- title: a condition that throws dice
-- versions: 15
-- refused: answers differently at each call
-- setup
CREATE TABLE events (id bigint PRIMARY KEY, note text);
-- wish
DELETE FROM events WHERE random() < 0.5;
