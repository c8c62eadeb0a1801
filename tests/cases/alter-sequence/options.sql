-- title: step, cache, limits and cycle
-- versions: 10 15 18
-- setup
CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
CREATE SEQUENCE tickets INCREMENT BY 3 MAXVALUE 900000 CACHE 5;
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
SELECT nextval('tickets');
-- wish
ALTER SEQUENCE tickets INCREMENT BY 2 NO MAXVALUE CYCLE;
ALTER SEQUENCE orders_id_seq CACHE 20 MINVALUE -10;
