-- title: a sequence that has come too far for the narrower type is not known offline
-- versions: 15
-- setup
CREATE TABLE orders (id bigserial PRIMARY KEY, note text);
-- rows
INSERT INTO orders (note) SELECT 'n' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER SEQUENCE orders_id_seq AS integer;
