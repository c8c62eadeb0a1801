-- title: a column comes to the subscribers of a published table first
-- setup
CREATE TABLE "Orders" (id bigint PRIMARY KEY, total int NOT NULL);
CREATE TABLE quiet (id int PRIMARY KEY);
CREATE PUBLICATION feed FOR TABLE "Orders";
-- rows
INSERT INTO "Orders" SELECT g, g FROM generate_series(1, 60) g;
-- wish
ALTER TABLE "Orders" ADD COLUMN note text, ADD COLUMN state text NOT NULL DEFAULT 'new';
ALTER TABLE quiet ADD COLUMN x int;
