-- title: beside a default partition, with keys and a foreign key to another table
-- versions: 11 12 15 18
-- setup
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, customer bigint REFERENCES customers (id), note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
-- rows
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700, 1 + i % 300, 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE orders DETACH PARTITION orders_2024;
