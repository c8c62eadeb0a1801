-- title: a NOT NULL column with a stable default
-- versions: 10 12 18
-- policy: batch_rows=300
-- differs: data public.accounts.joined_at
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN joined_at timestamptz NOT NULL DEFAULT now();
