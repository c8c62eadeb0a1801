-- title: A table is rebuilt
-- base: shop
-- wish
ALTER TABLE users ENGINE=InnoDB;
