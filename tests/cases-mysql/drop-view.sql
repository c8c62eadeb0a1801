-- title: A view goes
-- base: shop
-- setup
CREATE VIEW adults AS SELECT id, email FROM users WHERE age > 17;
-- wish
DROP VIEW adults;
