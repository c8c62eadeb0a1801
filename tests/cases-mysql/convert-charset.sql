-- title: Another character set, on a large table
-- base: shop
-- big: users
-- offline: the tool is run by hand
-- wish
ALTER TABLE users CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
