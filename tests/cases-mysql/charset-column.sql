-- title: One column gets another character set, by itself
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN name VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
