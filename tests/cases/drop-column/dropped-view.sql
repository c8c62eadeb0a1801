-- title: the view that reads the column goes first, in the end
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW "Names" AS SELECT id, fullname FROM accounts;
COMMENT ON VIEW "Names" IS 'goes';
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
DROP VIEW "Names";
ALTER TABLE accounts DROP COLUMN fullname;
