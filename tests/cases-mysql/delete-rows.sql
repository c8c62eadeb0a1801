-- title: Rows go in batches
-- base: shop
-- value: users.age = 1 + {n} % 20
-- quiet: users
-- wish
DELETE FROM users WHERE age > 30;
