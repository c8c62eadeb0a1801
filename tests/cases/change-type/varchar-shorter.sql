-- title: a shorter varchar: the table would be rewritten
-- versions: 15
-- policy: batch_rows=300
-- differs: undo accounts.email at
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE varchar(60);
