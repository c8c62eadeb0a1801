-- title: a wider varchar is free, but for the index over lower(email) and the partial one
-- versions: 10 15 18
-- policy: batch_rows=300
-- differs: undo accounts.email at
-- differs: 18 undo _not_null
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(50) NOT NULL, score integer);
CREATE INDEX accounts_lower ON accounts (lower(email));
CREATE INDEX accounts_empty ON accounts (score) WHERE email = '';
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE varchar(100);
