-- title: a huge table, an index that continues another
-- versions: 15
-- stats: public.accounts rows=150000000 heap=14GB index=9GB writes=120
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
CREATE INDEX by_score ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
CREATE INDEX by_score_and_email ON accounts (score, email);
