-- title: A column goes
-- base: shop
-- wish
ALTER TABLE users DROP COLUMN age;
