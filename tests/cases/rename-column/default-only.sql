-- title: a nullable column with a default gets another name
-- versions: 10 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, state text DEFAULT 'new', score integer);
-- rows
INSERT INTO accounts (email, state, score) SELECT 'a' || i, CASE WHEN i % 3 = 0 THEN 'old' WHEN i % 3 = 1 THEN 'new' END, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN state TO status;
