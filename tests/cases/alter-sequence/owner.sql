-- title: a sequence gets an owner
-- versions: 10 18
-- setup
CREATE SEQUENCE numbers;
CREATE TABLE orders (id bigint PRIMARY KEY DEFAULT nextval('numbers'), note text);
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER SEQUENCE numbers OWNED BY orders.id;
