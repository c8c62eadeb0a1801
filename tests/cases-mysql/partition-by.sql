-- title: A table gets partitions
-- base: shop
-- refused: copied whole
-- wish
ALTER TABLE users PARTITION BY HASH (id) PARTITIONS 4;
