-- title: a big table becomes its own first partition: a serial key, an outgoing foreign key, indexes, grants, a comment
-- versions: 12 15 18
-- stats: public.orders rows=400000000 heap=40GB index=17GB toast=0GB writes=300
-- the old rows' sequence belongs to the new table; comment and grants go along
-- differs: sequence ‹sequence›
-- differs: comment Some("all orders")
-- differs: public.orders Partitioned comment None
-- setup
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigserial, at date NOT NULL DEFAULT '2025-05-05', customer bigint REFERENCES customers (id), note text CHECK (note <> ''), CONSTRAINT orders_pkey PRIMARY KEY (id));
CREATE INDEX orders_note ON orders (lower(note), at DESC);
COMMENT ON TABLE orders IS 'all orders';
GRANT SELECT ON orders TO PUBLIC;
-- rows
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders (at, customer, note) SELECT date '2024-01-01' + i % 700, 1 + i % 300, 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE orders RENAME TO orders_before_2027;
ALTER TABLE orders_before_2027 DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id, at);
CREATE TABLE orders (LIKE orders_before_2027 INCLUDING ALL, FOREIGN KEY (customer) REFERENCES customers (id)) PARTITION BY RANGE (at);
ALTER TABLE orders ATTACH PARTITION orders_before_2027 FOR VALUES FROM (MINVALUE) TO ('2027-01-01');
CREATE TABLE orders_2027 PARTITION OF orders FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
-- compare
SELECT count(*) >= 2000 FROM orders;
