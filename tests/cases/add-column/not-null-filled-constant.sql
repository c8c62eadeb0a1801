-- title: a NOT NULL column without a default, filled with a constant
-- versions: 10 12 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN state text;
UPDATE accounts SET state = 'new' WHERE state IS NULL;
ALTER TABLE accounts ALTER COLUMN state SET NOT NULL;
