-- title: rows of a column that is copied cannot be written by another pass at the same time
-- versions: 15
-- refused: batch by batch at the same time
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, plan text, score integer);
-- wish
ALTER TABLE accounts RENAME COLUMN plan TO tier;
UPDATE accounts SET tier = 'none' WHERE score = 1;
