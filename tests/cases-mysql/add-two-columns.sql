-- title: Two columns share one statement
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN a INT, ADD COLUMN b INT;
