-- title: an enum becomes text, and the type goes
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- differs: undo orders.status at
-- differs: 18 undo _not_null
-- value: status order_status = 'paid'::order_status
-- value: status text = 'paid'
-- setup
CREATE TYPE order_status AS ENUM ('new', 'paid', 'sent');
CREATE TABLE orders (id bigserial PRIMARY KEY, status order_status NOT NULL DEFAULT 'new', total integer);
CREATE INDEX orders_status ON orders (status);
-- rows
INSERT INTO orders (status, total) SELECT (ARRAY['new', 'paid', 'sent'])[1 + i % 3]::order_status, i FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE orders ALTER COLUMN status DROP DEFAULT;
ALTER TABLE orders ALTER COLUMN status TYPE text USING status::text;
ALTER TABLE orders ALTER COLUMN status SET DEFAULT 'new';
DROP TYPE order_status;
