-- title: the script keeps the old name by a view of its own
-- setup
CREATE TABLE members (id bigserial PRIMARY KEY, name text NOT NULL, born date);
-- rows
INSERT INTO members (name) SELECT 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE members RENAME TO people;
CREATE VIEW members AS SELECT * FROM people;
