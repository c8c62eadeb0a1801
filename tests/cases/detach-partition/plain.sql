-- title: last year leaves; a foreign key, an index, a trigger
-- versions: 10 11 12 15 18
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE orders_2024 PARTITION OF orders FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE INDEX orders_2024_note ON orders_2024 (note);
-- rows
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700, 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE orders DETACH PARTITION orders_2024;
