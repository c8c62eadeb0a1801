-- title: a unique constraint over two columns
-- versions: 10 12 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD CONSTRAINT accounts_email_score UNIQUE (email, score);
