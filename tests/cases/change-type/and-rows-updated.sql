-- title: rows of a column that is converted cannot be written by another pass at the same time
-- versions: 15
-- refused: batch by batch at the same time
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, plan text, score integer);
-- wish
UPDATE accounts SET score = 0 WHERE plan = 'x';
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
