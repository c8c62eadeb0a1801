-- title: a view is dropped for a change of type, and created with another comment and another grant
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: no check
-- differs: undo accounts.score at
-- differs: undo accounts_score_not_null
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer NOT NULL);
CREATE VIEW best AS SELECT id, score FROM accounts WHERE score > 3;
COMMENT ON VIEW best IS 'before';
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW best;
ALTER TABLE accounts ALTER COLUMN score TYPE bigint;
CREATE VIEW best AS SELECT id, score FROM accounts WHERE score > 3;
COMMENT ON VIEW best IS 'behind';
GRANT SELECT ON best TO PUBLIC;
