-- title: a foreign key from a partitioned table, two levels, to a table in another schema
-- versions: 11 12 15 18
-- setup
CREATE SCHEMA crm;
CREATE TABLE crm."Customer" (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, kind int NOT NULL, customer bigint, note text, PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE INDEX orders_customer ON orders (customer);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE orders_2026_a PARTITION OF orders_2026 FOR VALUES IN (0, 1);
CREATE TABLE orders_2026_b PARTITION OF orders_2026 FOR VALUES IN (2);
-- rows
INSERT INTO crm."Customer" SELECT i, 'c' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders SELECT i, date '2025-01-01' + i % 700, i % 3, 1 + i % 300, 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE orders ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES crm."Customer" (id) ON DELETE SET NULL;
