-- title: a table is emptied, and its child with it
-- stats: public.carts rows=15000000 heap=2GB index=1GB writes=20
-- setup
CREATE TABLE carts (id bigint PRIMARY KEY, note text);
CREATE TABLE items (id bigint PRIMARY KEY, cart_id bigint REFERENCES carts, what text);
CREATE TABLE "Other data" (id bigint PRIMARY KEY);
-- rows
INSERT INTO carts SELECT i, 'n' FROM generate_series(1, 300) AS i;
INSERT INTO items SELECT i, i, 'w' FROM generate_series(1, 300) AS i;
-- wish
TRUNCATE carts, items;
