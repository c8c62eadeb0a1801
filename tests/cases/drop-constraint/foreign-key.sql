-- title: a foreign key goes, which locks the other table as well
-- setup
CREATE SCHEMA "Shop";
CREATE TABLE "Shop"."Customer" (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint NOT NULL, note text,
  CONSTRAINT "Belongs to" FOREIGN KEY (customer) REFERENCES "Shop"."Customer" ON DELETE CASCADE DEFERRABLE);
CREATE INDEX ON orders (customer);
CREATE VIEW named AS SELECT o.id, c.name FROM orders o JOIN "Shop"."Customer" c ON c.id = o.customer;
-- rows
INSERT INTO "Shop"."Customer" (name) SELECT 'c' || i FROM generate_series(1, 200) AS i;
INSERT INTO orders (customer, note) SELECT 1 + i % 200, 'n' FROM generate_series(1, 1000) AS i;
-- wish
ALTER TABLE orders DROP CONSTRAINT "Belongs to";
