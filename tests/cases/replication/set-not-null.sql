-- title: NOT NULL and a unique key stand on the publisher first, a rule that goes leaves the subscribers first
-- value: code = 'c' || {n} + 1000
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, code text, total int CONSTRAINT positive CHECK (total > 0));
CREATE PUBLICATION feed FOR TABLE orders;
-- rows
INSERT INTO orders SELECT g, 'c' || g, g FROM generate_series(1, 60) g;
-- wish
ALTER TABLE orders ALTER COLUMN code SET NOT NULL;
ALTER TABLE orders ADD CONSTRAINT orders_code_key UNIQUE (code);
ALTER TABLE orders DROP CONSTRAINT positive;
