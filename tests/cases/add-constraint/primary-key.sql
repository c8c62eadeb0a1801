-- title: a primary key on columns that may be NULL
-- versions: 12 15 18
-- setup
CREATE TABLE accounts (id bigint, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (id, email, score) SELECT i, 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD PRIMARY KEY (id);
