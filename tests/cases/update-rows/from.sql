-- title: values come from another table, joined by its key
-- stats: public.orders rows=15000000 heap=2GB index=1GB writes=20
-- policy: batch_rows=100
-- differs: no check
-- differs: rows of public.orders
-- setup
CREATE TABLE users (id bigint PRIMARY KEY, country text);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint REFERENCES users, "Country" text, note text);
-- rows
INSERT INTO users SELECT i, 'c' || i % 9 FROM generate_series(1, 300) AS i;
INSERT INTO orders (user_id, note) SELECT nullif(1 + i % 301, 301), 'n' || i FROM generate_series(1, 600) AS i;
-- wish
UPDATE orders o SET "Country" = u.country FROM users AS u WHERE u.id = o.user_id;
-- compare
SELECT count(*) = 0 FROM orders o JOIN users u ON u.id = o.user_id WHERE o."Country" IS DISTINCT FROM u.country AND o.id BETWEEN 60 AND 600;
