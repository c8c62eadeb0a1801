-- title: Another name for a column whose values change in nothing but the size of letters, which its collation does not see
-- base: shop
-- value: users.name = ELT(1 + {n} % 2, 'ann', 'ANN')
-- value: users.full_name = ELT(1 + {n} % 2, 'ann', 'ANN')
-- wish
ALTER TABLE users CHANGE COLUMN name full_name VARCHAR(40);
