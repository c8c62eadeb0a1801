-- title: text to integer with USING
-- versions: 10 12 18
-- policy: batch_rows=300
-- value: amount text = ({n} % 1000)::text
-- value: amount integer = {n} % 1000
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, amount text);
CREATE INDEX accounts_amount ON accounts (amount);
-- rows
INSERT INTO accounts (email, amount) SELECT 'a' || i, CASE WHEN i % 5 > 0 THEN ' ' || i END FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN amount TYPE integer USING trim(amount)::integer;
