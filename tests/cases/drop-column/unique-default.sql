-- title: a column with a constant default and a unique index of its own: rows of the next release would all have that value
-- versions: 10 15
-- refused: is in the unique index
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL DEFAULT '' UNIQUE);
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP COLUMN email;
