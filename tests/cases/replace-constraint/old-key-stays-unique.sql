-- title: a natural key for the rows, the old number stays unique for those who point at it
-- versions: 12 18
-- differs: rows of public.products
-- differs: rows of public.parts
-- setup
CREATE TABLE products (id bigserial PRIMARY KEY, sku text NOT NULL, price numeric(10,2));
CREATE TABLE parts (id bigserial PRIMARY KEY, product bigint NOT NULL REFERENCES products (id) ON UPDATE CASCADE, n integer);
CREATE INDEX ON parts (product);
-- rows
INSERT INTO products (sku, price) SELECT 's' || i, i FROM generate_series(1, 600) AS i;
INSERT INTO parts (product, n) SELECT 1 + i % 600, i FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE parts DROP CONSTRAINT parts_product_fkey;
ALTER TABLE products DROP CONSTRAINT products_pkey, ADD CONSTRAINT products_pkey PRIMARY KEY (sku), ADD CONSTRAINT products_id_key UNIQUE (id);
ALTER TABLE parts ADD CONSTRAINT of_product FOREIGN KEY (product) REFERENCES products (id) ON UPDATE CASCADE;
