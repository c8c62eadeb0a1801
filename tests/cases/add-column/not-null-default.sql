-- title: a NOT NULL column with a constant default
-- versions: 10 12 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN logins integer NOT NULL DEFAULT 0;
-- compare
SELECT bool_and(logins = 0) FROM accounts WHERE id BETWEEN 50 AND 2000;
