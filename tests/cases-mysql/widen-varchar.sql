-- title: A longer text
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN email VARCHAR(180) NOT NULL;
