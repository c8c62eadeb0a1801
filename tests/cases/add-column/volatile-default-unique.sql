-- title: a unique key made by a volatile function
-- versions: 15
-- policy: batch_rows=300
-- differs: data public.accounts.token
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE;
