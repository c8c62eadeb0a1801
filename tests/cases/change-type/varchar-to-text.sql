-- title: varchar to text: the catalog only
-- versions: 10 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(50) NOT NULL UNIQUE, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE text;
