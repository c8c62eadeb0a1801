-- title: values of the domain inside an array
-- versions: 12
-- refused: whether they satisfy `price_positive` cannot be asked row by row here
-- setup
CREATE DOMAIN price AS numeric(10,2);
CREATE TABLE products (id bigserial PRIMARY KEY, prices price[]);
-- wish
ALTER DOMAIN price ADD CONSTRAINT price_positive CHECK (VALUE > 0);
