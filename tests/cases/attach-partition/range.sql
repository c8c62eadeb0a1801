-- title: a table with a year of rows becomes a partition; keys, an index, a foreign key and a view around it
-- versions: 11 12 15 18
-- stats: public.Orders 2026 rows=40000000 heap=4GB index=0GB toast=0 writes=20
-- the application changes rows of the table before it is a partition
-- differs: rows of public.orders:
-- setup
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, customer bigint REFERENCES customers (id) ON DELETE CASCADE, note text, CONSTRAINT orders_note CHECK (note <> ''), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX orders_customer ON orders (customer) WHERE note IS NOT NULL;
CREATE TABLE "Orders 2026" (note text, id bigint NOT NULL, at date NOT NULL, customer bigint, CONSTRAINT orders_note CHECK (note <> ''));
COMMENT ON TABLE "Orders 2026" IS 'loaded by night';
GRANT SELECT ON "Orders 2026" TO PUBLIC;
CREATE VIEW all_orders AS SELECT id, at FROM orders;
-- rows
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders SELECT i, date '2025-01-01' + i % 360, 1 + i % 300, 'n' || i FROM generate_series(1, 1000) AS i;
INSERT INTO "Orders 2026" SELECT 'n' || i, i, date '2026-01-01' + i % 360, 1 + i % 300 FROM generate_series(1001, 2000) AS i;
-- wish
ALTER TABLE orders ATTACH PARTITION "Orders 2026" FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- compare
SELECT count(*) >= 2000 FROM orders;
