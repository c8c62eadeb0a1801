-- title: a table with another primary key cannot join
-- versions: 11 15 18
-- refused: has another primary key than
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE orders_2026 (id bigint PRIMARY KEY, at date NOT NULL);
-- rows
INSERT INTO orders_2026 SELECT i, date '2026-01-01' + i % 300 FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
