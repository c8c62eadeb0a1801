-- title: one default for the rows that are there, another for those that come
-- versions: 10 11 14 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE FUNCTION stamp() RETURNS uuid LANGUAGE sql VOLATILE AS $$ SELECT '11111111-0000-0000-0000-000000000000'::uuid $$;
CREATE TABLE notes (id bigserial PRIMARY KEY);
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 2000) AS i;
INSERT INTO notes SELECT FROM generate_series(1, 3);
-- wish
ALTER TABLE accounts ADD COLUMN state text NOT NULL DEFAULT 'old one';
ALTER TABLE accounts ALTER COLUMN state SET DEFAULT 'new';
ALTER TABLE accounts ADD COLUMN token uuid DEFAULT stamp();
ALTER TABLE accounts ALTER COLUMN token SET DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE notes ADD COLUMN state text NOT NULL DEFAULT 'old one';
ALTER TABLE notes ALTER COLUMN state SET DEFAULT 'new';
-- compare
SELECT bool_and(state = 'old one') FROM accounts WHERE id BETWEEN 50 AND 2000;
SELECT bool_and(token::text LIKE '1%') FROM accounts WHERE id BETWEEN 50 AND 2000;
