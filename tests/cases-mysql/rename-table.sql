-- title: A table gets another name
-- base: shop
-- wish
RENAME TABLE orders TO purchases;
