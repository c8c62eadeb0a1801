-- title: comments, storage, statistics, options
-- versions: 10 18
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
COMMENT ON TABLE accounts IS 'who may log in; and who may not';
COMMENT ON COLUMN accounts.email IS NULL;
ALTER TABLE accounts ALTER COLUMN email SET STORAGE EXTERNAL;
ALTER TABLE accounts ALTER COLUMN email SET STATISTICS 500, ALTER COLUMN score SET (n_distinct = 7);
ALTER TABLE accounts SET (fillfactor = 80);
