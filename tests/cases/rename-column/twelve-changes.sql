-- title: twelve changes on four tables of a shop are one plan with one backfill per table
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: no check
-- value: qty integer = 1 + {n} % 9
-- value: quantity bigint = 1 + {n} % 9
-- value: customer integer = 1 + {n} % 20
-- value: customer_id bigint = 1 + {n} % 20
-- value: state text = 'open'
-- setup
CREATE TABLE customers (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, vip boolean);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer integer NOT NULL, state text, placed timestamp NOT NULL, CHECK (state <> ''));
CREATE INDEX orders_customer ON orders (customer, placed);
CREATE TABLE lines (order_id bigint NOT NULL REFERENCES orders (id), line smallint NOT NULL, qty integer NOT NULL DEFAULT 1 CHECK (qty > 0), price numeric(10,2), PRIMARY KEY (order_id, line));
CREATE TABLE notes (id bigserial PRIMARY KEY, order_id bigint REFERENCES orders (id), body text);
CREATE VIEW open_orders AS SELECT id, customer, placed FROM orders WHERE state = 'open';
COMMENT ON COLUMN orders.customer IS 'who pays';
GRANT SELECT ON open_orders TO PUBLIC;
-- rows
INSERT INTO customers (email, fullname) SELECT 'a' || i, 'n' || i FROM generate_series(1, 1000) AS i;
INSERT INTO orders (customer, state, placed) SELECT 1 + i % 20, CASE WHEN i % 4 > 0 THEN 'open' END, timestamp '2026-01-01' + i * interval '1 minute' FROM generate_series(1, 1000) AS i;
INSERT INTO lines (order_id, line, qty, price) SELECT i, 1, 1 + i % 9, i FROM generate_series(1, 1000) AS i;
INSERT INTO notes (order_id, body) SELECT i, 'b' || i FROM generate_series(1, 1000) AS i;
-- wish
ALTER TABLE customers RENAME COLUMN fullname TO name;
ALTER TABLE customers ALTER COLUMN vip SET DEFAULT false;
ALTER TABLE customers ADD COLUMN locale text NOT NULL DEFAULT 'en';
ALTER TABLE orders RENAME COLUMN customer TO customer_id;
ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint;
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
UPDATE orders SET state = 'new' WHERE state IS NULL;
ALTER TABLE orders ALTER COLUMN state SET NOT NULL, ALTER COLUMN state SET DEFAULT 'new';
ALTER TABLE lines RENAME COLUMN qty TO quantity;
ALTER TABLE lines ALTER COLUMN quantity TYPE bigint;
CREATE INDEX lines_quantity ON lines (quantity) WHERE quantity > 5;
ALTER TABLE notes ADD COLUMN author text;
CREATE INDEX CONCURRENTLY notes_order ON notes (order_id);
COMMENT ON TABLE notes IS 'what was said';
-- by hand
DROP VIEW open_orders;
ALTER TABLE customers RENAME COLUMN fullname TO name;
ALTER TABLE customers ALTER COLUMN vip SET DEFAULT false;
ALTER TABLE customers ADD COLUMN locale text NOT NULL DEFAULT 'en';
ALTER TABLE orders RENAME COLUMN customer TO customer_id;
ALTER TABLE orders ALTER COLUMN customer_id TYPE bigint;
ALTER TABLE orders ADD CONSTRAINT orders_customer_id_fkey FOREIGN KEY (customer_id) REFERENCES customers (id);
UPDATE orders SET state = 'new' WHERE state IS NULL;
ALTER TABLE orders ALTER COLUMN state SET NOT NULL, ALTER COLUMN state SET DEFAULT 'new';
ALTER TABLE lines RENAME COLUMN qty TO quantity;
ALTER TABLE lines ALTER COLUMN quantity TYPE bigint;
CREATE INDEX lines_quantity ON lines (quantity) WHERE quantity > 5;
ALTER TABLE notes ADD COLUMN author text;
CREATE INDEX CONCURRENTLY notes_order ON notes (order_id);
COMMENT ON TABLE notes IS 'what was said';
CREATE VIEW open_orders AS SELECT id, customer_id AS customer, placed FROM orders WHERE state = 'open';
GRANT SELECT ON open_orders TO PUBLIC;
