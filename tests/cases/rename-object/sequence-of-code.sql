-- title: a sequence that only code draws from
-- refused: no column draws from
-- setup
CREATE SEQUENCE tickets;
CREATE TABLE clients (id bigserial PRIMARY KEY, email text NOT NULL);
-- rows
INSERT INTO clients (email) SELECT 'a' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER SEQUENCE tickets RENAME TO ticket_numbers;
