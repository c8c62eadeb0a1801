-- title: a unique constraint of a partitioned table goes
-- versions: 11 15 18
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, token text, PRIMARY KEY (id, at), CONSTRAINT orders_token UNIQUE (token, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- rows
INSERT INTO orders SELECT i, date '2025-01-01' + i % 700, 't' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE orders DROP CONSTRAINT orders_token;
