-- title: a trigger would stay with the old rows
-- versions: 12 15 18
-- refused: hangs on `public.orders`
-- setup
CREATE TABLE orders (id bigint NOT NULL, at date NOT NULL, PRIMARY KEY (id, at));
CREATE FUNCTION seen() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER orders_seen AFTER INSERT ON orders FOR EACH ROW EXECUTE PROCEDURE seen();
-- rows
INSERT INTO orders SELECT i, date '2024-01-01' + i % 700 FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE orders RENAME TO orders_old;
CREATE TABLE orders (LIKE orders_old INCLUDING ALL) PARTITION BY RANGE (at);
ALTER TABLE orders ATTACH PARTITION orders_old FOR VALUES FROM (MINVALUE) TO ('2027-01-01');
