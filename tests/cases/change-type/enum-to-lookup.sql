-- title: an enum becomes a table of its labels with a foreign key
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- differs: undo at
-- differs: 18 undo _not_null
-- value: status order_status = 'paid'::order_status
-- value: status text = 'paid'
-- value: code = 'c{n}'
-- setup
CREATE TYPE order_status AS ENUM ('new', 'paid', 'sent');
CREATE TABLE orders (id bigserial PRIMARY KEY, status order_status NOT NULL, total integer);
CREATE INDEX orders_status ON orders (status);
-- rows
INSERT INTO orders (status, total) SELECT (ARRAY['new', 'paid', 'sent'])[1 + i % 3]::order_status, i FROM generate_series(1, 1500) AS i;
-- wish
CREATE TABLE order_statuses (code text PRIMARY KEY, label text);
INSERT INTO order_statuses (code) SELECT unnest(enum_range(NULL::order_status))::text;
ALTER TABLE orders ALTER COLUMN status TYPE text USING status::text;
ALTER TABLE orders ADD CONSTRAINT orders_status_fkey FOREIGN KEY (status) REFERENCES order_statuses;
DROP TYPE order_status;
