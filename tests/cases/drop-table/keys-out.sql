-- title: a table with foreign keys to two tables: one refuses deletes, one cascades
-- stats: public.carts rows=40000000 heap=6GB index=3GB writes=60
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL);
CREATE TABLE shops (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE carts (
  id bigserial PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES users (id),
  shop_id bigint NOT NULL REFERENCES shops (id) ON DELETE CASCADE,
  note text
);
CREATE INDEX carts_user_id_idx ON carts (user_id);
CREATE FUNCTION open_carts() RETURNS bigint LANGUAGE plpgsql AS $$ BEGIN RETURN (SELECT count(*) FROM carts); END $$;
COMMENT ON TABLE carts IS 'what people meant to buy';
GRANT SELECT ON carts TO pg_monitor;
-- rows
INSERT INTO users (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
INSERT INTO shops (name) SELECT 's' || i FROM generate_series(1, 50) AS i;
INSERT INTO carts (user_id, shop_id) SELECT 1 + i % 500, 1 + i % 50 FROM generate_series(1, 2000) AS i;
-- wish
DROP TABLE carts;
