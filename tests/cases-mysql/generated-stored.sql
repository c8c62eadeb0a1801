-- title: A stored column: every row is written anew
-- base: shop
-- unplanned: mysql-5.6
-- wish
ALTER TABLE users ADD COLUMN shout VARCHAR(60) GENERATED ALWAYS AS (UPPER(name)) STORED;
