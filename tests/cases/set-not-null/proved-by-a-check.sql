-- title: a CHECK of the table proves it already
-- versions: 11 12 18
-- value: score = 1 + {n} % 100
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
ALTER TABLE accounts ADD CONSTRAINT accounts_score CHECK (score IS NOT NULL AND score > 0);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score SET NOT NULL;
