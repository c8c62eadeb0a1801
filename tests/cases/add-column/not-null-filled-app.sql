-- title: a NOT NULL column filled from other columns; the application writes it
-- versions: 10 15
-- policy: sync=app batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'A' || i || '@Example.org', i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN address text;
UPDATE accounts SET address = lower(email);
ALTER TABLE accounts ALTER COLUMN address SET NOT NULL;
