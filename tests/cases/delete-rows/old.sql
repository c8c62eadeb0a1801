-- title: old rows of a big table, with children that cascade and have no index
-- stats: public.orders rows=15000000 heap=2GB index=1GB writes=20
-- policy: batch_rows=100
-- differs: index unique false
-- setup
CREATE TABLE orders (id bigserial PRIMARY KEY, placed date NOT NULL, note text);
CREATE TABLE lines (id bigserial PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE, what text);
CREATE TABLE bills (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders);
CREATE INDEX bills_order ON bills (order_id);
-- rows
INSERT INTO orders (placed, note) SELECT date '2025-01-01' + i, 'n' || i FROM generate_series(1, 600) AS i;
INSERT INTO lines (order_id, what) SELECT i, 'w' || i FROM generate_series(1, 600) AS i;
INSERT INTO bills (order_id) SELECT i FROM generate_series(1, 600) AS i WHERE i <= 60 OR i > 400;
-- wish
DELETE FROM orders AS o WHERE o.placed > date '2025-03-10' AND o.placed < date '2026-01-01' AND o.id > 60;
