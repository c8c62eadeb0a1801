-- title: a key that a foreign key needs
-- versions: 12
-- refused: CASCADE would silently drop the foreign keys `orders_customer_fkey`
-- setup
CREATE TABLE customers (id bigserial PRIMARY KEY, email text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer bigint REFERENCES customers);
-- wish
ALTER TABLE customers DROP CONSTRAINT customers_pkey CASCADE;
