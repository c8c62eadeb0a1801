-- title: a rewrite planned with sync=app
-- versions: 15
-- policy: sync=app batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, nullif(i % 7, 0) FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
