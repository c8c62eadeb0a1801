-- title: MODIFY says the whole definition: what it leaves out is lost
-- base: shop
-- wish
ALTER TABLE users MODIFY COLUMN status VARCHAR(12);
