-- title: a partition beside a default partition that holds rows; keys, a trigger, a foreign key
-- versions: 11 12 15 18
-- stats: public.orders_rest rows=5000000 heap=500MB index=100MB toast=0 writes=20
-- setup
CREATE TABLE customers (id bigint PRIMARY KEY, name text);
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, customer bigint REFERENCES customers (id), note text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE INDEX orders_note ON orders (lower(note), at DESC);
CREATE TABLE orders_2025 PARTITION OF orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT;
CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER orders_seen AFTER INSERT ON orders FOR EACH ROW EXECUTE PROCEDURE seen();
-- rows
INSERT INTO customers SELECT i, 'c' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700, 1 + i % 300, 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
CREATE TABLE orders_2026 PARTITION OF orders FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
