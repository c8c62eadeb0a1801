-- title: a serial key and three generations that hold its values
-- versions: 11 12 15 18
-- policy: batch_rows=500
-- stats: public.orders rows=180000000 heap=30GB index=12GB toast=0GB writes=900
-- stats: public.lines rows=900000000 heap=90GB index=60GB toast=0GB writes=4000
-- setup
CREATE TABLE orders (
  id serial PRIMARY KEY,
  ref text NOT NULL UNIQUE,
  parent integer REFERENCES orders (id) ON DELETE SET NULL
);
CREATE INDEX orders_parent ON orders (parent);
CREATE TABLE lines (
  "order" integer NOT NULL CONSTRAINT "Line of an order" REFERENCES orders ON DELETE CASCADE,
  line smallint NOT NULL,
  amount numeric(10,2) NOT NULL DEFAULT 0,
  PRIMARY KEY ("order", line)
);
CREATE TABLE shipments (
  id bigserial PRIMARY KEY,
  "order" integer NOT NULL,
  line smallint NOT NULL,
  boxes integer NOT NULL DEFAULT 1,
  CONSTRAINT shipment_line FOREIGN KEY ("order", line) REFERENCES lines ("order", line) ON DELETE CASCADE
);
CREATE INDEX shipments_line ON shipments ("order", line) WHERE boxes > 0;
CREATE TABLE invoices (
  id bigserial PRIMARY KEY,
  order_id integer REFERENCES orders (id) DEFERRABLE INITIALLY DEFERRED,
  no bigint NOT NULL,
  CONSTRAINT a_real_order CHECK (order_id > 0),
  CONSTRAINT one_invoice UNIQUE (no, order_id)
);
COMMENT ON COLUMN invoices.order_id IS 'what it''s for';
COMMENT ON COLUMN orders.id IS 'printed on the parcel';
-- rows
INSERT INTO orders (ref, parent) SELECT 'o' || i, nullif(i / 3, 0) FROM generate_series(1, 2000) AS i;
INSERT INTO lines SELECT 1 + i % 2000, i / 2000, i FROM generate_series(1, 5000) AS i;
INSERT INTO shipments ("order", line) SELECT "order", line FROM lines;
INSERT INTO invoices (order_id, no) SELECT i, i FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE orders ALTER COLUMN id TYPE bigint, ALTER COLUMN parent TYPE bigint;
ALTER SEQUENCE orders_id_seq AS bigint;
ALTER TABLE lines ALTER COLUMN "order" TYPE bigint;
ALTER TABLE shipments ALTER COLUMN "order" TYPE bigint;
ALTER TABLE invoices ALTER COLUMN order_id TYPE bigint;
-- compare
SELECT count(*) = 0 FROM pg_constraint WHERE NOT convalidated;
SELECT nextval('orders_id_seq') > 2000;
SELECT count(*) = 5 FROM pg_constraint WHERE conname IN ('Line of an order', 'shipment_line', 'a_real_order', 'one_invoice', 'orders_pkey');
