-- title: An index that the optimiser does not see
-- base: shop
-- servers: mysql-8.4.3 mysql-9.7.0
-- only: mysql-9.7
-- wish
ALTER TABLE users ALTER INDEX users_status INVISIBLE;
