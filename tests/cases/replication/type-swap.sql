-- title: a type change by a swap of names: the subscribers swap right after the publisher
-- differs: undo orders.amount at
-- differs: undo orders_amount_not_null
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, amount int NOT NULL DEFAULT 0);
CREATE PUBLICATION feed FOR TABLE orders;
-- rows
INSERT INTO orders SELECT g, g FROM generate_series(1, 60) g;
-- wish
ALTER TABLE orders ALTER COLUMN amount TYPE bigint;
