-- title: another table references it
-- versions: 12 15 18
-- refused: references `public.orders`
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, at date NOT NULL);
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint REFERENCES orders (id));
-- rows
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700 FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE orders RENAME TO orders_old;
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
ALTER TABLE orders ATTACH PARTITION orders_old FOR VALUES FROM (MINVALUE) TO ('2027-01-01');
