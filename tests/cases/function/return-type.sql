-- title: another return type needs another name
-- versions: 15
-- refused: another return type
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE FUNCTION score_of(account bigint) RETURNS integer LANGUAGE sql STABLE AS 'SELECT score FROM accounts WHERE id = account';
-- wish
CREATE OR REPLACE FUNCTION score_of(account bigint) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT score::bigint FROM accounts WHERE id = account';
