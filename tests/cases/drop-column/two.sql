-- title: two columns go in one plan
-- versions: 12
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fax text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, fax, score) SELECT 'a' || i, 'f' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP COLUMN fax, DROP COLUMN score;
