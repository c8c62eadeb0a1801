-- title: a view reads the column and the script leaves it as it is
-- versions: 15
-- refused: names
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW names AS SELECT id, fullname FROM accounts;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP COLUMN fullname;
