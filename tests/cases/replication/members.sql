-- title: tables come to a publication and go from it
-- versions: 10 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, note text);
CREATE PUBLICATION feed FOR TABLE accounts;
CREATE PUBLICATION rest FOR TABLE orders;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
INSERT INTO orders SELECT i, 'n' FROM generate_series(1, 500) AS i;
-- wish
ALTER PUBLICATION feed ADD TABLE orders;
ALTER PUBLICATION rest DROP TABLE orders;
