-- title: Values that change in nothing but the size of letters: the collation takes them for the same
-- base: shop
-- quiet: users
-- value: users.age = 1 + {n} % 17
-- wish
UPDATE users SET status = 'NEW' WHERE age >= 18;
-- compare
SELECT COUNT(*) = 0 FROM users WHERE id < 4 AND age >= 18 AND CAST(status AS BINARY) <> CAST('NEW' AS BINARY);
