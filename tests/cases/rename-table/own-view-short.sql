-- title: the script's own view hides a column that the release of today writes
-- refused: does not show `born`
-- setup
CREATE TABLE members (id bigserial PRIMARY KEY, name text NOT NULL, born date);
-- rows
INSERT INTO members (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE members RENAME TO people;
CREATE VIEW members AS SELECT id, name FROM people;
