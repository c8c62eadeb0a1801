-- title: A full-text index: writes wait while it is built
-- base: shop
-- wish
ALTER TABLE users ADD FULLTEXT INDEX users_words (name);
