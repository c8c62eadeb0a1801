-- title: a nullable column that an UPDATE fills for some rows
-- versions: 12 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD COLUMN grade text;
UPDATE accounts SET grade = 'high' WHERE score > 4;
