-- title: a new table, a view and rows in it
-- versions: 10 15
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE TABLE notes (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES accounts (id), body text);
INSERT INTO notes (account_id, body) VALUES (60, 'first');
CREATE VIEW busy AS SELECT id, email FROM accounts WHERE score > 3;
CREATE INDEX notes_account ON notes (account_id);
