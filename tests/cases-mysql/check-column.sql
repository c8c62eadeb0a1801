-- title: A column with a CHECK
-- base: shop
-- unplanned: mysql-5.6
-- wish
ALTER TABLE users ADD COLUMN score INT CHECK (score >= 0);
