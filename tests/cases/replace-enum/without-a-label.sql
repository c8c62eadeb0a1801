-- title: a label goes: a second type, two tables, the old one dropped, the name handed over
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- differs: undo at
-- differs: 18 undo _not_null
-- value: status = r.status
-- value: was = r.was
-- setup
CREATE TYPE order_status AS ENUM ('new', 'paid', 'lost', 'sent');
CREATE TABLE orders (id bigserial PRIMARY KEY, status order_status NOT NULL DEFAULT 'new', total integer);
CREATE INDEX orders_status ON orders (status, total);
COMMENT ON COLUMN orders.status IS 'where it stands';
CREATE TABLE changes (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders, was order_status);
-- rows
INSERT INTO orders (status, total) SELECT (ARRAY['new', 'paid', 'sent'])[1 + i % 3]::order_status, i FROM generate_series(1, 900) AS i;
INSERT INTO changes (order_id, was) SELECT i, 'new' FROM generate_series(1, 300) AS i;
-- wish
CREATE TYPE order_status_new AS ENUM ('new', 'paid', 'sent');
ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;
ALTER TABLE orders ALTER COLUMN status TYPE order_status_new USING status::text::order_status_new;
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'new';
ALTER TABLE changes ALTER COLUMN was TYPE order_status_new USING was::text::order_status_new;
DROP TYPE order_status;
ALTER TYPE order_status_new RENAME TO order_status;
-- compare
SELECT enum_range(NULL::order_status)::text = '{new,paid,sent}';
