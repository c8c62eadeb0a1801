-- title: an identity column that nobody may write
-- versions: 12 18
-- policy: batch_rows=300
-- differs: data public.accounts.number
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;
