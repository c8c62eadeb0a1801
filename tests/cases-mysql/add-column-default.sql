-- title: NOT NULL with a default, and an index on it
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN vip TINYINT(1) NOT NULL DEFAULT 0, ADD INDEX users_vip (vip);
