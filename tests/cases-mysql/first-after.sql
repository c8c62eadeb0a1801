-- title: Columns at a place of their own
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN code INT FIRST, ADD COLUMN nick VARCHAR(20) AFTER name;
