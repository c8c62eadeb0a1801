-- title: A primary key goes
-- base: shop
-- policy: executor=native
-- value: orders.id = 1000000 - {n}
-- wish
ALTER TABLE orders MODIFY COLUMN id BIGINT NOT NULL;
ALTER TABLE orders DROP PRIMARY KEY;
