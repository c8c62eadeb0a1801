-- title: a bigserial whose sequence still ends at two thousand million
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
CREATE SEQUENCE "Order numbers" AS integer OWNED BY orders.id;
ALTER TABLE orders ALTER COLUMN id SET DEFAULT nextval('"Order numbers"');
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER SEQUENCE "Order numbers" AS bigint;
