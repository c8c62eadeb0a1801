-- title: the script replaces a view that reads the column, and the view over it stays
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW names AS SELECT id, fullname, email FROM accounts;
CREATE VIEW mails AS SELECT email FROM names;
GRANT SELECT ON names TO PUBLIC;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW mails;
DROP VIEW names;
CREATE VIEW names AS SELECT id, email FROM accounts;
CREATE VIEW mails AS SELECT email FROM names;
GRANT SELECT ON names TO PUBLIC;
ALTER TABLE accounts DROP COLUMN fullname;
