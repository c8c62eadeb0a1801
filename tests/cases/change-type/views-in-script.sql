-- title: the script itself drops and creates the view around the change
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW best AS SELECT id, score FROM accounts WHERE score > 3;
CREATE VIEW very_best AS SELECT id FROM best WHERE score > 5;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW very_best, best;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
CREATE VIEW best AS SELECT id, score, email FROM accounts WHERE score > 2;
CREATE VIEW very_best AS SELECT id, email FROM best WHERE score > 5;
-- compare
SELECT pg_typeof(score) = 'bigint'::regtype FROM best LIMIT 1;
