-- title: numbers of its own: the application stops sending them
-- versions: 10 12 18
-- setup
CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE orders ALTER COLUMN id DROP DEFAULT;
DROP SEQUENCE orders_id_seq;
ALTER TABLE orders ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (START WITH 501);
