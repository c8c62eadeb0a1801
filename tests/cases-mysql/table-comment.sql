-- title: A comment
-- base: shop
-- wish
ALTER TABLE users COMMENT = 'people';
