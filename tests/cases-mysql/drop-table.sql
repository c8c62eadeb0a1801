-- title: A table goes
-- base: shop
-- wish
DROP TABLE orders;
