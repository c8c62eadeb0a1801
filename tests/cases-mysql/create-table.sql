-- title: A new table
-- base: shop
-- wish
CREATE TABLE notes (
  id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  body TEXT
) ENGINE=InnoDB;
