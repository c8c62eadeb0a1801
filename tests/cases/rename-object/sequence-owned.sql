-- title: the sequence of a serial column
-- setup
CREATE TABLE clients (id bigserial PRIMARY KEY, email text NOT NULL);
-- rows
INSERT INTO clients (email) SELECT 'a' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER SEQUENCE clients_id_seq RENAME TO "customer numbers";
