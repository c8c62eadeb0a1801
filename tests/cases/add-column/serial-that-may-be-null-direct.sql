-- title: a serial column that the script lets be NULL, in one go
-- policy: strategy=direct
-- versions: 10 18
-- differs: data public.accounts.no
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE);
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN no serial;
ALTER TABLE accounts ALTER COLUMN no DROP NOT NULL;
