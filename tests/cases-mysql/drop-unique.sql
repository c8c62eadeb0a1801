-- title: A unique index goes
-- base: shop
-- setup
ALTER TABLE users ADD UNIQUE KEY users_email (email);
-- wish
ALTER TABLE users DROP INDEX users_email;
