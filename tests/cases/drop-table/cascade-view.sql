-- title: CASCADE would drop a view that somebody may read
-- refused: read it
-- setup
CREATE TABLE groups (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE VIEW group_names AS SELECT name FROM groups;
-- rows
INSERT INTO groups (name) SELECT 'g' || i FROM generate_series(1, 50) AS i;
-- wish
DROP TABLE groups CASCADE;
