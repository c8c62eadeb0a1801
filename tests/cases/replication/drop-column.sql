-- title: a column goes from the subscribers last, a table as well
-- value: note = 'n' || {n}
-- setup
CREATE TABLE orders (id bigint PRIMARY KEY, total int NOT NULL, note text NOT NULL);
CREATE TABLE gone (id int PRIMARY KEY);
CREATE PUBLICATION everything FOR ALL TABLES;
-- rows
INSERT INTO orders SELECT g, g, 'n' FROM generate_series(1, 60) g;
-- wish
ALTER TABLE orders DROP COLUMN note;
DROP TABLE gone;
