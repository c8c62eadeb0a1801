-- title: a view over what is there, and one over a column that the script adds
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE VIEW "Best" AS SELECT id, score FROM accounts WHERE score > 3;
ALTER TABLE accounts ADD COLUMN nick text;
CREATE VIEW nicks AS SELECT id, nick FROM accounts;
