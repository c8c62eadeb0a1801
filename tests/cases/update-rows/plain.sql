-- title: an UPDATE of every row
-- versions: 10 12 18
-- policy: batch_rows=300
-- differs: undo rows
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, address text);
-- rows
INSERT INTO accounts (email) SELECT 'A' || i FROM generate_series(1, 2000) AS i;
-- wish
UPDATE accounts SET address = lower(email);
