-- title: A default
-- base: shop
-- wish
ALTER TABLE users ALTER COLUMN status SET DEFAULT 'active';
