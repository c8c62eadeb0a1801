-- title: small tables are written anew in one go
-- versions: 10 15 18
-- policy: strategy=direct
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE UNLOGGED TABLE scratch (id bigint PRIMARY KEY, note text);
CREATE INDEX accounts_email ON accounts (email);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
INSERT INTO scratch SELECT i, 'n' FROM generate_series(1, 500) AS i;
-- wish
VACUUM FULL accounts;
CLUSTER accounts USING accounts_email;
ALTER TABLE scratch SET LOGGED;
