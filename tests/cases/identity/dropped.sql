-- title: nothing numbers the column any more
-- versions: 10 15 18
-- setup
CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE orders ALTER COLUMN id DROP IDENTITY;
