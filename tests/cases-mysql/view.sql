-- title: A view
-- base: shop
-- wish
CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;
