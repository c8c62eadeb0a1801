-- title: a nullable column gets another name
-- versions: 10 12 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, CASE WHEN i % 9 > 0 THEN 'n' || i END, i % 7 FROM generate_series(1, 50000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO full_name;
