-- title: a unique index on an expression
-- versions: 10 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE UNIQUE INDEX accounts_email ON accounts (lower(email));
