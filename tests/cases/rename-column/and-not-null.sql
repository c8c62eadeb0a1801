-- title: another name and NOT NULL, with the UPDATE that fills the rows
-- versions: 10 11 12 14 15 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, plan text, score integer);
CREATE INDEX accounts_plan ON accounts (plan);
-- rows
INSERT INTO accounts (email, plan, score) SELECT 'a' || i, CASE WHEN i % 3 > 0 THEN 'p' || i % 4 END, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN plan TO tier;
UPDATE accounts SET tier = 'free' WHERE tier IS NULL;
ALTER TABLE accounts ALTER COLUMN tier SET NOT NULL;
