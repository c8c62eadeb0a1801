-- title: nothing tells which rows were copied: one transaction, said plainly
-- versions: 10 18
-- differs: no check
-- differs: undo rows
-- differs: rows of public.letters
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL);
CREATE TABLE letters (id bigserial PRIMARY KEY, address text NOT NULL);
-- rows
INSERT INTO users (email) SELECT 'u' || i FROM generate_series(1, 500) AS i;
-- wish
INSERT INTO letters (address) SELECT email FROM users;
