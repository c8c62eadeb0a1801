-- title: int to bigint on a bare nullable column
-- versions: 10 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, nullif(i % 7, 0) FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
