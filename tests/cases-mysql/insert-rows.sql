-- title: Rows that are inserted
-- base: shop
-- value: orders.total = 1000 + {n} % 1000
-- wish
INSERT INTO orders (user_id, total) SELECT 1, 5 FROM users WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.total = 5);
