-- title: numbers go on from a higher one
-- versions: 12
-- setup
CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER SEQUENCE orders_id_seq RESTART WITH 5000000;
-- compare
SELECT nextval('orders_id_seq') >= 5000000;
