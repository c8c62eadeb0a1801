-- title: An index is replaced
-- base: shop
-- wish
ALTER TABLE users DROP INDEX users_status, ADD INDEX users_status (status, age);
