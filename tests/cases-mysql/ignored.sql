-- title: An index that MariaDB ignores
-- base: shop
-- servers: mariadb-10.11.6 mariadb-11.8.2
-- only: mariadb-10.11 mariadb-11.8
-- wish
ALTER TABLE users ALTER INDEX users_status IGNORED;
