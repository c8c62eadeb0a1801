-- title: A default that is an expression
-- base: shop
-- unplanned: mysql-5.6
-- wish
ALTER TABLE users ADD COLUMN token VARCHAR(40) DEFAULT (CONCAT('t', 1));
