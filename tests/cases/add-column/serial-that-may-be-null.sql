-- title: a serial column that the script lets be NULL
-- policy: batch_rows=300
-- differs: data public.accounts.No
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE);
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN "No" bigserial;
ALTER TABLE accounts ALTER COLUMN "No" DROP NOT NULL;
-- compare
SELECT count(*) = 0 FROM accounts WHERE id <= 2000 AND "No" IS NULL;
