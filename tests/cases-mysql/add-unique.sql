-- title: No two rows with the same e-mail
-- base: shop
-- wish
ALTER TABLE users ADD UNIQUE INDEX users_email (email);
