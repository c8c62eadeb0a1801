-- title: what a column list leaves out is no matter of the subscribers
-- versions: 15 18
-- value: body = 'b' || {n}
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, total int NOT NULL, body text);
CREATE PUBLICATION feed FOR TABLE orders (id, total);
-- rows
INSERT INTO orders SELECT g, g, 'b' FROM generate_series(1, 60) g;
-- wish
ALTER TABLE orders ADD COLUMN note text;
ALTER TABLE orders DROP COLUMN body;
