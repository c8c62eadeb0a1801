-- title: A column moves to another place
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN age SMALLINT AFTER id;
