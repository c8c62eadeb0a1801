-- title: a CHECK that calls a function which may answer otherwise tomorrow
-- versions: 10 15
-- value: price = 1 + {n} % 100
-- setup
CREATE FUNCTION is_fair(p integer) RETURNS boolean LANGUAGE sql AS $$ SELECT p > 0 $$;
CREATE TABLE offers (id bigserial PRIMARY KEY, price integer NOT NULL);
-- rows
INSERT INTO offers (price) SELECT i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE offers ADD CONSTRAINT offers_fair CHECK (is_fair(price));
