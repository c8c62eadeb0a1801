-- title: a column filled by an UPDATE whose default comes later
-- versions: 10 15
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN rank integer;
UPDATE accounts SET rank = score + 1;
ALTER TABLE accounts ALTER COLUMN rank SET DEFAULT 1;
