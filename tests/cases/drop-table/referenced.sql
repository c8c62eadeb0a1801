-- title: a foreign key points at it and the script says nothing of it
-- refused: depends on
-- setup
CREATE TABLE groups (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE people (id bigserial PRIMARY KEY, group_id bigint REFERENCES groups (id), name text NOT NULL);
-- rows
INSERT INTO groups (name) SELECT 'g' || i FROM generate_series(1, 50) AS i;
-- wish
DROP TABLE groups;
