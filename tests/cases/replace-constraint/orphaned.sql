-- title: foreign keys would point at nothing unique
-- versions: 12
-- refused: needs `products_pkey` (2BP01)
-- setup
CREATE TABLE products (id bigserial PRIMARY KEY, sku text NOT NULL);
CREATE TABLE parts (id bigserial PRIMARY KEY, product bigint NOT NULL REFERENCES products (id));
-- wish
ALTER TABLE products DROP CONSTRAINT products_pkey, ADD PRIMARY KEY (sku);
