-- title: A column at the end
-- base: shop
-- servers: mysql-5.6.24 mysql-5.7.44 mysql-8.0.30 mysql-8.0.36 mysql-8.4.3 mysql-9.7.0 mariadb-10.5.20 mariadb-10.11.6 mariadb-11.8.2
-- wish
ALTER TABLE users ADD COLUMN phone VARCHAR(20);
