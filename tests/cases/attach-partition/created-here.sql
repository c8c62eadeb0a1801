-- title: a new table that the script itself attaches
-- versions: 11 12 15 18
-- setup
CREATE TABLE orders (id bigint NOT NULL, at timestamptz NOT NULL, note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
-- rows
INSERT INTO orders SELECT i, timestamptz '2025-01-02' + i * interval '1 hour', 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
CREATE TABLE orders_2026 (LIKE orders INCLUDING ALL);
ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
