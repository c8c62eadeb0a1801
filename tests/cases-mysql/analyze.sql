-- title: Statistics
-- base: shop
-- wish
ANALYZE TABLE users;
