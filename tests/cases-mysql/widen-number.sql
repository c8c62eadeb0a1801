-- title: A number gets room: the table is copied
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN age BIGINT;
