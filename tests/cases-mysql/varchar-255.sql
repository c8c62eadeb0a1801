-- title: A text grows past 255 bytes: its length takes two bytes from there on
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN name VARCHAR(80);
