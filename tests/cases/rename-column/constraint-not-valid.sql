-- title: rename a column whose CHECK and foreign key were never validated: the successors stay NOT VALID
-- stats: public.orders rows=80000000 heap=9GB index=4GB writes=40
-- setup
CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, cust bigint, total int NOT NULL);
ALTER TABLE orders ADD CONSTRAINT orders_cust_fkey FOREIGN KEY (cust) REFERENCES customers ON DELETE CASCADE NOT VALID;
ALTER TABLE orders ADD CONSTRAINT orders_cust_check CHECK (cust > 0 OR total > 0) NOT VALID;
-- rows
INSERT INTO customers SELECT n, 'c' || n FROM generate_series(1, 200) n;
ALTER TABLE orders DISABLE TRIGGER ALL;
INSERT INTO orders SELECT n, CASE WHEN n < 2000 THEN 1 + n % 200 ELSE n END, n FROM generate_series(1, 3000) n;
ALTER TABLE orders ENABLE TRIGGER ALL;
-- wish
ALTER TABLE orders RENAME COLUMN cust TO customer_id;
