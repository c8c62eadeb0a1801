-- title: A table is emptied
-- base: shop
-- quiet: orders
-- wish
TRUNCATE TABLE orders;
