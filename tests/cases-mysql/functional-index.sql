-- title: An index over an expression
-- base: shop
-- servers: mysql-8.4.3 mysql-9.7.0
-- unplanned: mysql-5.6 mariadb-10.5 mariadb-10.11 mariadb-11.8
-- wish
ALTER TABLE users ADD INDEX users_lower ((LOWER(email)));
