-- title: Another name, both columns written by the application
-- base: shop
-- policy: sync=app
-- refused: is not planned on MySQL yet
-- wish
ALTER TABLE users CHANGE COLUMN name full_name VARCHAR(40);
