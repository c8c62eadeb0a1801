-- title: Two tables get other names
-- base: shop
-- refused: several tables
-- wish
RENAME TABLE users TO people, orders TO purchases;
