-- title: many rows of the other table may match
-- versions: 15
-- refused: which one wins is chance
-- setup
CREATE TABLE users (id bigint PRIMARY KEY, seen date);
CREATE TABLE visits (id bigint PRIMARY KEY, user_id bigint, at date);
-- wish
UPDATE users SET seen = v.at FROM visits v WHERE v.user_id = users.id;
