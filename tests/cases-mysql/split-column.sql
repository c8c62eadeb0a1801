-- title: A column is made from another
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN handle VARCHAR(100);
UPDATE users SET handle = LOWER(email);
ALTER TABLE users DROP COLUMN email;
