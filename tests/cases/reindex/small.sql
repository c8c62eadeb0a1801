-- title: a small table's index is built anew in one go
-- versions: 10 18
-- policy: strategy=direct
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
REINDEX INDEX accounts_pkey;
