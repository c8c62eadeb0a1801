-- title: A default goes
-- base: shop
-- wish
ALTER TABLE users ALTER COLUMN status DROP DEFAULT;
