-- title: A shorter text: what does not fit is looked for first
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN name VARCHAR(20);
