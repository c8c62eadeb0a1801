-- title: a foreign key that nobody checked is enforced
-- versions: 18
-- setup
CREATE TABLE people (id bigserial PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (id bigserial PRIMARY KEY, person bigint NOT NULL);
ALTER TABLE orders ADD CONSTRAINT orders_person FOREIGN KEY (person) REFERENCES people ON DELETE CASCADE NOT ENFORCED;
-- rows
INSERT INTO people (name) SELECT 'p' || i FROM generate_series(1, 300) AS i;
INSERT INTO orders (person) SELECT 1 + i % 300 FROM generate_series(1, 900) AS i;
-- wish
ALTER TABLE orders ALTER CONSTRAINT orders_person ENFORCED;
