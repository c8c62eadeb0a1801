-- title: a serial key and a column that holds its values, under views, a policy and a trigger
-- versions: 11 12 15 18
-- policy: batch_rows=500
-- differs: sequence
-- setup
CREATE TABLE orders (id serial PRIMARY KEY, ref text NOT NULL UNIQUE);
CREATE TABLE lines (id bigserial PRIMARY KEY, order_id integer NOT NULL REFERENCES orders (id), amount integer);
CREATE VIEW "Open" AS SELECT o.id, o.ref, l.order_id, l.amount FROM orders o JOIN lines l ON l.order_id = o.id;
CREATE VIEW sums AS SELECT id, sum(amount) AS total FROM "Open" GROUP BY id;
CREATE VIEW refs AS SELECT ref FROM orders;
CREATE POLICY mine ON orders FOR SELECT TO pg_monitor USING (id > 0);
CREATE TABLE journal (line bigint, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO journal VALUES (NEW.id, NEW.order_id); RETURN NULL; END $$;
CREATE TRIGGER "Of order" AFTER UPDATE OF order_id ON lines FOR EACH ROW WHEN (NEW.order_id < 0) EXECUTE PROCEDURE note();
COMMENT ON VIEW sums IS 'per order';
-- rows
GRANT SELECT ON sums TO PUBLIC;
INSERT INTO orders (ref) SELECT 'o' || i FROM generate_series(1, 1500) AS i;
INSERT INTO lines (order_id, amount) SELECT 1 + i % 1500, i FROM generate_series(1, 3000) AS i;
-- wish
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
ALTER TABLE lines ALTER COLUMN order_id TYPE bigint;
-- by hand
DROP VIEW sums;
DROP VIEW "Open";
DROP POLICY mine ON orders;
DROP TRIGGER "Of order" ON lines;
ALTER TABLE orders ALTER COLUMN id TYPE bigint;
ALTER TABLE lines ALTER COLUMN order_id TYPE bigint;
CREATE VIEW "Open" AS SELECT o.id, o.ref, l.order_id, l.amount FROM orders o JOIN lines l ON l.order_id = o.id;
CREATE VIEW sums AS SELECT id, sum(amount) AS total FROM "Open" GROUP BY id;
COMMENT ON VIEW sums IS 'per order';
GRANT SELECT ON sums TO PUBLIC;
CREATE POLICY mine ON orders FOR SELECT TO pg_monitor USING (id > 0);
CREATE TRIGGER "Of order" AFTER UPDATE OF order_id ON lines FOR EACH ROW WHEN (NEW.order_id < 0) EXECUTE PROCEDURE note();
-- compare
SELECT pg_typeof(id) = 'bigint'::regtype FROM "Open" LIMIT 1;
