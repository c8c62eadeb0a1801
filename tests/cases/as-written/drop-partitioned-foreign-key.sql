-- title: a foreign key of a partitioned table goes
-- versions: 12 15 18
-- setup
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, customer bigint, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers (id);
-- rows
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders SELECT i, date '2025-01-01' + i % 700, 1 + i % 300 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey;
