-- title: two columns that exchange their names would have to be there side by side
-- versions: 15
-- refused: has a column `on_hand` today
-- setup
CREATE TABLE stock (id bigserial PRIMARY KEY, on_hand integer, reserved integer);
-- wish
ALTER TABLE stock RENAME reserved TO between;
ALTER TABLE stock RENAME on_hand TO reserved;
ALTER TABLE stock RENAME between TO on_hand;
