-- title: OPTIMIZE rebuilds the table
-- base: shop
-- wish
OPTIMIZE TABLE users;
