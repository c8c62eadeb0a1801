-- title: Specifications of several classes in one statement: each class runs by itself
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN phone VARCHAR(20), ADD COLUMN town VARCHAR(20) DEFAULT 'x', ADD INDEX users_name (name), ALTER COLUMN status SET DEFAULT 'fresh', COMMENT = 'people';
