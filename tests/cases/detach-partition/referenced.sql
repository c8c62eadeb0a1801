-- title: other tables reference the parent
-- versions: 12 15 18
-- value: order_at date = NULL::date
-- value: order_id bigint = NULL::bigint
-- stats: public.orders_2024 rows=50000000 heap=5GB index=1GB toast=0 writes=20
-- stats: public.lines rows=200000000 heap=9GB index=3GB toast=0 writes=20
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint, order_at date, FOREIGN KEY (order_id, order_at) REFERENCES orders (id, at));
-- rows
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700, 'n' || i FROM generate_series(1, 2000) AS i;
INSERT INTO lines SELECT o.id, o.id, o.at FROM orders o WHERE o.at >= '2025-01-01';
-- wish
ALTER TABLE orders DETACH PARTITION orders_2024;
