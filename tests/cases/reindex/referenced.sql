-- title: before 12 a key that foreign keys lean on cannot be exchanged
-- versions: 10 11
-- refused: lean on
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, account_id bigint REFERENCES accounts);
-- wish
REINDEX INDEX accounts_pkey;
