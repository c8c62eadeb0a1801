-- title: VACUUM FULL of a big table becomes a run of pg_repack
-- versions: 10 18
-- offline: needs pg_repack
-- stats: public.accounts rows=150000000 heap=14GB index=9GB writes=120
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
-- wish
VACUUM FULL accounts;
