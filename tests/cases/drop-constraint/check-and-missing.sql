-- title: a check goes, and one that is not there
-- versions: 10 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer CONSTRAINT small CHECK (score < 10));
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP CONSTRAINT small, DROP CONSTRAINT IF EXISTS never_there;
