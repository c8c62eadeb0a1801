-- title: a procedure is replaced (11 on)
-- versions: 11 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE PROCEDURE forget(who bigint) LANGUAGE sql AS 'DELETE FROM accounts WHERE id = who';
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
CREATE OR REPLACE PROCEDURE forget(who bigint) LANGUAGE sql AS 'UPDATE accounts SET score = NULL WHERE id = who';
