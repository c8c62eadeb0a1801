-- title: a primary key on a column that may be NULL has no online way before 12
-- versions: 10
-- refused: under ACCESS EXCLUSIVE to make
-- setup
CREATE TABLE accounts (id bigint, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (id, email, score) SELECT i, 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD PRIMARY KEY (id);
