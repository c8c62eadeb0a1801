-- title: a table is copied into a partitioned one
-- versions: 12 15 18
-- refused: would be copied into
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at));
-- rows
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700 FROM generate_series(1, 200) AS i;
-- wish
CREATE TABLE orders_new (LIKE orders INCLUDING ALL) PARTITION BY RANGE (at);
CREATE TABLE orders_2024 PARTITION OF orders_new FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_2025 PARTITION OF orders_new FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO orders_new SELECT * FROM orders;
DROP TABLE orders;
ALTER TABLE orders_new RENAME TO orders;
