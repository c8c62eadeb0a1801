-- title: a foreign key to a partitioned table
-- versions: 12 15 18
-- value: order_at date = NULL::date
-- value: order_id bigint = NULL::bigint
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint, order_at date);
CREATE INDEX lines_order ON lines (order_id, order_at);
-- rows
INSERT INTO orders SELECT i, date '2025-01-01' + i % 700, 'n' || i FROM generate_series(1, 2000) AS i;
INSERT INTO lines SELECT o.id, o.id, o.at FROM orders o;
-- wish
ALTER TABLE lines ADD CONSTRAINT lines_order_fkey FOREIGN KEY (order_id, order_at) REFERENCES orders (id, at);
