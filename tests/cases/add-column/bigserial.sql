-- title: a bigserial column
-- policy: batch_rows=300
-- differs: data public.accounts.number
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN number bigserial;
-- compare
SELECT count(DISTINCT number) = count(*) FROM accounts WHERE id BETWEEN 50 AND 2000;
