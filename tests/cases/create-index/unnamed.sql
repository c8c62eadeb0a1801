-- title: an index without a name
-- versions: 15
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
CREATE INDEX ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE INDEX ON accounts (score);
