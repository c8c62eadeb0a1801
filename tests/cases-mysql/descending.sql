-- title: A descending index
-- base: shop
-- differs: KEY `users_latest`
-- wish
ALTER TABLE users ADD INDEX users_latest (status, id DESC);
