-- title: A NOT NULL column without a default goes
-- base: shop
-- wish
ALTER TABLE users DROP COLUMN email;
