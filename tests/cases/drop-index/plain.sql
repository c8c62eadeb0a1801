-- title: an index goes
-- versions: 10 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
CREATE INDEX accounts_score ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP INDEX accounts_score;
