-- title: A signed number becomes unsigned: values below zero are looked for first
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN age SMALLINT UNSIGNED;
