-- title: all indexes of a table are built anew, a primary key and a unique constraint among them
-- differs: 12 13 14 15 16 17 18 no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
ALTER TABLE accounts ADD CONSTRAINT one_email UNIQUE (email) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX accounts_score ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
REINDEX TABLE accounts;
