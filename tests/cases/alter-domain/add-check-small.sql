-- title: small tables: one statement
-- versions: 10 18
-- policy: strategy=direct
-- stats: public.products rows=900 heap=1MB
-- value: price = 1 + {n} % 1000
-- setup
CREATE DOMAIN price AS numeric(10,2);
CREATE TABLE products (id bigserial PRIMARY KEY, name text NOT NULL, price price NOT NULL);
-- rows
INSERT INTO products (name, price) SELECT 'p' || i, i FROM generate_series(1, 1000) AS i;
-- wish
ALTER DOMAIN price ADD CHECK (VALUE > 0);
