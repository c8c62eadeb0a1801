-- title: Another row format: the table is written anew
-- base: shop
-- only: mysql-9.7 mariadb-10.5 mariadb-10.11 mariadb-11.8
-- differs: ROW_FORMAT
-- differs: undo users: )
-- wish
ALTER TABLE users ROW_FORMAT=COMPRESSED;
