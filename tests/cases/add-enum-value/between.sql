-- title: a new label between two others, of an enum that two tables use
-- versions: 10 11 12 18
-- policy: batch_rows=300
-- value: status = (ARRAY['new', 'paid', 'sent'])[1 + {n} % 3]::order_status
-- value: was = 'new'::order_status
-- differs: undo type DataType
-- setup
CREATE TYPE order_status AS ENUM ('new', 'paid', 'sent');
COMMENT ON TYPE order_status IS 'where an order stands';
CREATE TABLE orders (id bigserial PRIMARY KEY, status order_status NOT NULL DEFAULT 'new', total numeric(10,2));
CREATE INDEX orders_open ON orders (status) WHERE status <> 'sent';
CREATE TABLE changes (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders, was order_status);
-- rows
INSERT INTO orders (status, total) SELECT (ARRAY['new', 'paid', 'sent'])[1 + i % 3]::order_status, i FROM generate_series(1, 900) AS i;
INSERT INTO changes (order_id, was) SELECT i, 'new' FROM generate_series(1, 300) AS i;
-- wish
ALTER TYPE order_status ADD VALUE 'packed' AFTER 'paid';
-- compare
SELECT enum_range(NULL::order_status)::text = '{new,paid,packed,sent}';
