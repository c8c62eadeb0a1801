-- title: a rename by a second column: first there at the subscribers, gone there last
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, "to" text);
CREATE PUBLICATION feed FOR TABLE orders;
-- rows
INSERT INTO orders SELECT g, 'c' || g FROM generate_series(1, 60) g;
-- wish
ALTER TABLE orders RENAME COLUMN "to" TO recipient;
