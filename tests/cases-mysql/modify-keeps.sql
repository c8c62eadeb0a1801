-- title: MODIFY with all that the column had
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN status VARCHAR(12) NOT NULL DEFAULT 'new' COMMENT 'of the account';
