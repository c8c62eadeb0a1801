-- title: a column of a domain with conditions
-- versions: 15
-- refused: would rewrite the table: the domain has constraints
-- setup
CREATE DOMAIN price AS numeric(10,2) CONSTRAINT price_positive CHECK (VALUE > 0);
CREATE TABLE products (id bigserial PRIMARY KEY, name text NOT NULL);
-- wish
ALTER TABLE products ADD COLUMN price price;
