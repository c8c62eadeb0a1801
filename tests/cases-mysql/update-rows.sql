-- title: Rows change in batches
-- base: shop
-- quiet: users
-- value: users.age = 1 + {n} % 17
-- wish
UPDATE users SET status = 'adult' WHERE age >= 18;
