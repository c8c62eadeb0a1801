-- title: an index
-- versions: 10 12 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE INDEX accounts_score ON accounts (score DESC NULLS LAST, email) WHERE score > 2;
