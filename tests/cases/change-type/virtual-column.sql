-- title: a virtual column is computed from the new column after the swap
-- versions: 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer, double numeric GENERATED ALWAYS AS (score * 2) VIRTUAL);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
-- by hand
ALTER TABLE accounts ALTER COLUMN double SET EXPRESSION AS (NULL::numeric);
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
ALTER TABLE accounts ALTER COLUMN double SET EXPRESSION AS (score * 2);
-- compare
SELECT bool_and(double = score * 2) FROM accounts WHERE score IS NOT NULL;
