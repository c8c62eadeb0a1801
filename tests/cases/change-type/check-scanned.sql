-- title: a change of the catalog only, but a check would be scanned
-- versions: 10 12 18
-- differs: undo has_at
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(50) NOT NULL CONSTRAINT has_at CHECK (email LIKE '%@%'), score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a@' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email TYPE varchar(100);
