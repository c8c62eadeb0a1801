-- title: a publication with a column list and a row filter goes
-- versions: 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
CREATE PUBLICATION feed FOR TABLE accounts (id, email) WHERE (id > 5);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
DROP PUBLICATION feed;
