-- title: NOT NULL on a column that has no NULLs
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email SET NOT NULL;
