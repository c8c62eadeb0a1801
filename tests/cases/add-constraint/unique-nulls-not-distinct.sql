-- title: a unique constraint that takes one NULL
-- versions: 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD UNIQUE NULLS NOT DISTINCT (email);
