-- title: text to a domain with a condition
-- versions: 10 15 18
-- policy: batch_rows=300
-- differs: 18 undo _not_null
-- differs: undo accounts.email at
-- value: email = 'a{n}@example.org'
-- setup
CREATE DOMAIN email AS text CONSTRAINT email_at CHECK (VALUE ~ '@');
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i || '@b', i % 7 FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE email;
