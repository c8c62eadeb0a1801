-- title: a column gets another name; the application writes both
-- versions: 10 15
-- policy: sync=app batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO full_name;
