-- title: The counter goes on at another number
-- base: shop
-- wish
ALTER TABLE users AUTO_INCREMENT = 50000000;
