-- title: a second label takes over, in two tables and two columns of one of them
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- value: status = 'paid'::order_status
-- value: before = 'paid'::order_status
-- value: was = 'paid'::order_status
-- differs: type DataType
-- differs: undo type DataType
-- setup
CREATE TYPE order_status AS ENUM ('open', 'paid', 'sent');
CREATE TABLE orders (id bigserial PRIMARY KEY, status order_status NOT NULL DEFAULT 'open', before order_status, total numeric(10,2));
CREATE INDEX orders_status ON orders (status);
CREATE TABLE changes (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders, was order_status NOT NULL);
-- rows
INSERT INTO orders (status, before, total) SELECT (ARRAY['open', 'paid', 'sent'])[1 + i % 3]::order_status, CASE WHEN i % 2 = 0 THEN 'open'::order_status END, i FROM generate_series(1, 900) AS i;
INSERT INTO changes (order_id, was) SELECT i, 'open' FROM generate_series(1, 300) AS i;
-- wish
ALTER TYPE order_status RENAME VALUE 'open' TO 'received';
-- compare
SELECT NOT EXISTS (SELECT 1 FROM orders WHERE status = 'open' OR before = 'open');
SELECT enum_range(NULL::order_status)::text = '{open,received,paid,sent}';
