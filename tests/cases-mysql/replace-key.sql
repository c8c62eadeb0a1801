-- title: Another primary key
-- base: shop
-- wish
ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (id, user_id);
