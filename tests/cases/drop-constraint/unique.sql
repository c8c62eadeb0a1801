-- title: a unique constraint goes
-- versions: 10 15
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL CONSTRAINT one_email UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts DROP CONSTRAINT one_email;
