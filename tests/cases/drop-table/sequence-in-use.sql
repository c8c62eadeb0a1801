-- title: another table draws from the sequence that would go with it
-- refused: draws from it
-- setup
CREATE TABLE numbers (id bigserial PRIMARY KEY, name text);
CREATE TABLE more_numbers (id bigint PRIMARY KEY DEFAULT nextval('numbers_id_seq'), name text);
-- rows
INSERT INTO numbers (name) SELECT 'g' || i FROM generate_series(1, 50) AS i;
-- wish
DROP TABLE numbers CASCADE;
