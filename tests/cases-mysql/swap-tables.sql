-- title: Two tables change names with each other
-- base: shop
-- refused: change names with each other
-- wish
RENAME TABLE users TO tmp, orders TO users, tmp TO orders;
