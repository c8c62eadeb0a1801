-- title: a column with a constant default: the table is rewritten before 11
-- versions: 10 12 18
-- policy: batch_rows=300
-- stats: public.accounts rows=80000000 heap=9GB index=6GB writes=40
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN plan text DEFAULT 'free';
