-- title: vacuum, analyze, a statistics target, the index to cluster on
-- versions: 10 12 18
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE INDEX accounts_email ON accounts (email);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
VACUUM (VERBOSE, ANALYZE) accounts;
ANALYZE accounts (email);
ALTER TABLE accounts ALTER COLUMN email SET STATISTICS 300;
ALTER TABLE accounts CLUSTER ON accounts_email;
