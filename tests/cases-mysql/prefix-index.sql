-- title: An index over the beginning of a text
-- base: shop
-- wish
ALTER TABLE users ADD UNIQUE INDEX users_email_10 (email(10));
