-- title: an UPDATE of some rows on a key of text
-- versions: 10 15
-- policy: batch_rows=300
-- differs: undo rows
-- setup
CREATE TABLE accounts (email text PRIMARY KEY, state text, score integer);
-- rows
INSERT INTO accounts SELECT 'A' || i, CASE WHEN i % 2 = 0 THEN 'old' END, i FROM generate_series(1, 2000) AS i;
-- wish
UPDATE accounts SET state = 'none' WHERE state IS NULL AND score > 100;
