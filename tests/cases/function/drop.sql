-- title: a function goes; its source is kept for the way back
-- versions: 10 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE FUNCTION score_of(account bigint) RETURNS integer LANGUAGE sql STABLE AS 'SELECT score FROM accounts WHERE id = account';
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
DROP FUNCTION score_of(bigint);
