-- title: NULLs are filled by an UPDATE, then NOT NULL; the application sends values
-- versions: 10 15
-- policy: batch_rows=300 sync=app
-- differs: undo rows
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, nullif(i % 7, 0) FROM generate_series(1, 2000) AS i;
-- wish
UPDATE accounts SET score = 0 WHERE score IS NULL;
ALTER TABLE accounts ALTER COLUMN score SET NOT NULL;
