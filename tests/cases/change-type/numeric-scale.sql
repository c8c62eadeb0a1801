-- title: fewer digits behind the point
-- versions: 10 18
-- policy: batch_rows=300
-- differs: undo accounts.balance at
-- value: balance = ({n} % 1000) / 100.0
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, balance numeric(12,4));
-- rows
INSERT INTO accounts (email, balance) SELECT 'a' || i, i / 7.0 FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN balance TYPE numeric(12,2);
