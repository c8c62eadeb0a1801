-- title: A value that is rounded on its way into the column
-- base: shop
-- quiet: orders
-- setup
ALTER TABLE orders ADD COLUMN net DECIMAL(10,2);
-- wish
UPDATE orders SET net = total / 1.19 WHERE id < 4;
