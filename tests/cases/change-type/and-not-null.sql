-- title: another type and NOT NULL in one ALTER, with the UPDATE that fills the rows: on the second column only
-- versions: 10 11 12 14 15 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer, city text);
CREATE INDEX accounts_score ON accounts (score);
COMMENT ON COLUMN accounts.score IS 'points';
-- rows
INSERT INTO accounts (email, score, city) SELECT 'a' || i, nullif(i % 7, 0), 'c' FROM generate_series(1, 2000) AS i;
-- wish
UPDATE accounts SET score = 0 WHERE score IS NULL;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint, ALTER COLUMN score SET NOT NULL, ALTER COLUMN score SET DEFAULT 0;
