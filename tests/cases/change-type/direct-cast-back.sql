-- title: in one go, and back by a cast that no assignment makes
-- policy: strategy=direct
-- value: open = true
-- setup
CREATE TABLE shops (id int PRIMARY KEY, open boolean NOT NULL DEFAULT false);
-- rows
INSERT INTO shops SELECT g, g % 2 = 0 FROM generate_series(1, 50) g;
-- wish
ALTER TABLE shops ALTER COLUMN open TYPE text;
