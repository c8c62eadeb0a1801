-- title: an extension goes, and comes back at the same version
-- versions: 10 18
-- differs: undo function
-- setup
CREATE EXTENSION citext;
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL);
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
-- wish
DROP EXTENSION citext;
