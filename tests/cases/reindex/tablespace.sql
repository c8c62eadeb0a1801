-- title: an index moves to another tablespace
-- versions: 12 14 18
-- offline: needs a second tablespace
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE INDEX accounts_score ON accounts (score) WHERE score > 3;
-- wish
ALTER INDEX accounts_score SET TABLESPACE fast;
