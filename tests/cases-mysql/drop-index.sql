-- title: An index goes
-- base: shop
-- wish
DROP INDEX users_status ON users;
