-- title: a table is renamed and changed in one script
-- refused: gets another name here
-- setup
CREATE TABLE a (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO a (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE a RENAME TO b;
ALTER TABLE b ADD COLUMN phone text;
