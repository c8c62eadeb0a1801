-- title: An index
-- base: shop
-- wish
CREATE INDEX users_name ON users (name, age);
