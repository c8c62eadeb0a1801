-- title: NOT NULL and a default together
-- base: shop
-- quiet: users
-- wish
UPDATE users SET age = 0 WHERE age IS NULL;
ALTER TABLE users MODIFY COLUMN age SMALLINT NOT NULL DEFAULT 0;
