-- title: A trigger goes
-- base: shop
-- setup
CREATE TRIGGER users_trim BEFORE INSERT ON users FOR EACH ROW SET NEW.email = TRIM(NEW.email);
-- wish
DROP TRIGGER users_trim;
