-- title: a table moves to another tablespace
-- versions: 15
-- offline: needs pg_repack and a second tablespace
-- stats: public.accounts rows=15000000 heap=2GB index=1GB writes=20
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
-- wish
ALTER TABLE accounts SET TABLESPACE fast;
