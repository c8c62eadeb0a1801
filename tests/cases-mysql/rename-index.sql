-- title: An index gets another name
-- base: shop
-- unplanned: mysql-5.6
-- wish
ALTER TABLE users RENAME INDEX users_status TO users_by_status;
