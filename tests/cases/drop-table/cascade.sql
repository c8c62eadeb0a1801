-- title: CASCADE drops the foreign key of another table by name
-- setup
CREATE TABLE groups (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE people (id bigserial PRIMARY KEY, group_id bigint REFERENCES groups (id) ON DELETE SET NULL, name text NOT NULL);
-- rows
INSERT INTO groups (name) SELECT 'g' || i FROM generate_series(1, 50) AS i;
INSERT INTO people (group_id, name) SELECT 1 + i % 50, 'p' || i FROM generate_series(1, 2000) AS i;
-- wish
DROP TABLE groups CASCADE;
-- compare
SELECT count(*) = 0 FROM pg_constraint WHERE conrelid = 'people'::regclass AND contype = 'f';
