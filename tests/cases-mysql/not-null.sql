-- title: NULL filled and refused
-- base: shop
-- wish
UPDATE users SET name = '' WHERE name IS NULL;
ALTER TABLE users MODIFY COLUMN name VARCHAR(40) NOT NULL;
