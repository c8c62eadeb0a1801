-- title: text to citext: the index is built anew, the heap stays
-- versions: 12 15 18
-- policy: batch_rows=300
-- value: email = 's{n}'
-- differs: undo accounts.email at
-- setup
CREATE EXTENSION citext;
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
CREATE UNIQUE INDEX accounts_email ON accounts (email);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE citext;
