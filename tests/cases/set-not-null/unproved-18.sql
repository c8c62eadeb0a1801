-- title: NOT NULL stands unproved already
-- versions: 18
-- differs: undo accounts_score_there
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
ALTER TABLE accounts ADD CONSTRAINT accounts_score_there NOT NULL score NOT VALID;
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN score SET NOT NULL;
