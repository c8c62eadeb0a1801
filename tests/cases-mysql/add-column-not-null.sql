-- title: NOT NULL without a default
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN points INT NOT NULL AFTER email;
