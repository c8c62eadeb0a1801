-- title: what is said of a column, its indexes and constraints goes with it over a change of type
-- versions: 12 15 18
-- policy: batch_rows=300
-- differs: undo accounts.score at
-- differs: undo accounts_score_not_null
-- differs: undo public.accounts Ordinary
-- setup
CREATE TABLE accounts (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  score integer NOT NULL,
  level integer,
  CONSTRAINT score_and_level CHECK (score <> level),
  CONSTRAINT one_score UNIQUE (score, email) WITH (fillfactor = 70)
);
ALTER TABLE accounts ALTER COLUMN score SET STATISTICS 250;
ALTER TABLE accounts ALTER COLUMN score SET (n_distinct = 50);
CREATE UNIQUE INDEX "Identity" ON accounts (email, score);
ALTER TABLE accounts REPLICA IDENTITY USING INDEX "Identity";
CREATE INDEX accounts_abs ON accounts (abs(score) DESC NULLS LAST, score) WITH (fillfactor = 80) WHERE score > 0;
ALTER TABLE accounts CLUSTER ON "Identity";
CREATE STATISTICS "Score, Level" (ndistinct) ON score, level FROM accounts;
COMMENT ON COLUMN accounts.score IS 'the more the better';
COMMENT ON INDEX accounts_abs IS 'for the best';
COMMENT ON CONSTRAINT score_and_level ON accounts IS 'never the same';
COMMENT ON CONSTRAINT one_score ON accounts IS 'one';
GRANT SELECT (score), UPDATE (score) ON accounts TO PUBLIC;
-- rows
INSERT INTO accounts (email, score, level) SELECT 'a' || i, i, -i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
