-- title: one row belongs to many
-- versions: 15
-- refused: nothing tells which one row
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, country text);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint REFERENCES users);
-- wish
ALTER TABLE orders ADD COLUMN country text;
UPDATE orders o SET country = u.country FROM users u WHERE u.id = o.user_id;
ALTER TABLE users DROP COLUMN country;
