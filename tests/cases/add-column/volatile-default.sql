-- title: a NOT NULL column with a volatile default: every row gets its own value
-- policy: batch_rows=300
-- differs: data public.accounts.lot
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN lot double precision NOT NULL DEFAULT random();
-- compare
SELECT count(DISTINCT lot) > 1900 FROM accounts;
