-- title: a published table cannot do without an identity
-- versions: 15
-- refused: without a replica identity
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE PUBLICATION feed FOR TABLE accounts;
-- wish
ALTER TABLE accounts REPLICA IDENTITY NOTHING;
