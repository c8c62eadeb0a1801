-- title: a referenced table alone
-- versions: 15
-- refused: references
-- setup
CREATE TABLE carts (id bigint PRIMARY KEY);
CREATE TABLE items (id bigint PRIMARY KEY, cart_id bigint REFERENCES carts);
-- wish
TRUNCATE carts;
