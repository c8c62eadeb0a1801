-- title: A primary key goes
-- base: shop
-- value: orders.id = {n}
-- wish
ALTER TABLE orders MODIFY COLUMN id BIGINT NOT NULL;
ALTER TABLE orders DROP PRIMARY KEY;
