-- title: An INT key becomes BIGINT on a large table
-- base: shop
-- big: users
-- offline: the tool is run by hand
-- wish
ALTER TABLE users MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT;
