-- title: A trigger
-- base: shop
-- wish
CREATE TRIGGER users_low BEFORE INSERT ON users FOR EACH ROW SET NEW.email = LOWER(NEW.email);
