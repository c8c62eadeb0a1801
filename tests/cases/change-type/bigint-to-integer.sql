-- title: narrowing: the values are asked first
-- versions: 10 15 18
-- policy: batch_rows=300
-- differs: 18 undo _not_null
-- differs: undo accounts.score at
-- value: score = {n} % 1000
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score bigint NOT NULL DEFAULT 0);
CREATE INDEX accounts_score ON accounts (score) WHERE score > 10;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 70 FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE integer;
