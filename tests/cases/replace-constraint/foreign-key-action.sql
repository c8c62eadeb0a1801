-- title: a foreign key that deletes along instead
-- versions: 12 18
-- setup
CREATE TABLE customers (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint REFERENCES customers (id), note text);
CREATE INDEX ON orders (customer);
-- rows
INSERT INTO customers (name) SELECT 'c' || i FROM generate_series(1, 200) AS i;
INSERT INTO orders (customer, note) SELECT 1 + i % 200, 'n' FROM generate_series(1, 1000) AS i;
-- wish
ALTER TABLE orders DROP CONSTRAINT orders_customer_fkey,
  ADD CONSTRAINT orders_customer_fkey FOREIGN KEY (customer) REFERENCES customers (id) ON DELETE CASCADE;
