-- title: Two tables get other names
-- base: shop
-- wish
RENAME TABLE users TO people, orders TO purchases;
