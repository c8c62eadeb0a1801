-- title: a partitioned table becomes an ordinary one
-- versions: 12 15 18
-- refused: would be copied into
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
-- rows
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700 FROM generate_series(1, 200) AS i;
-- wish
BEGIN;
CREATE TABLE orders_whole (LIKE orders INCLUDING ALL);
INSERT INTO orders_whole (id, at) SELECT id, at FROM orders;
DROP TABLE orders;
ALTER TABLE orders_whole RENAME TO orders;
COMMIT;
