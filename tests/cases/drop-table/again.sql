-- title: dropped and created again
-- refused: the table is dropped here
-- setup
CREATE TABLE settings (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO settings (name) SELECT 'g' || i FROM generate_series(1, 50) AS i;
-- wish
DROP TABLE IF EXISTS settings;
CREATE TABLE settings (name text PRIMARY KEY, value text);
