-- title: A column gets another name
-- base: shop
-- wish
ALTER TABLE users CHANGE COLUMN name full_name VARCHAR(40);
