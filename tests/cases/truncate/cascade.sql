-- title: CASCADE empties what nobody named
-- versions: 15
-- refused: would also empty
-- setup
CREATE TABLE carts (id bigint PRIMARY KEY);
CREATE TABLE items (id bigint PRIMARY KEY, cart_id bigint REFERENCES carts);
-- wish
TRUNCATE TABLE carts CASCADE;
