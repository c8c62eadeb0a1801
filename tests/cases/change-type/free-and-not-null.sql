-- title: a type that only the catalog knows of, and NOT NULL behind it
-- versions: 10 11 12 14 15 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email varchar(50) NOT NULL UNIQUE, city varchar(20));
CREATE INDEX accounts_city ON accounts (city);
-- rows
INSERT INTO accounts (email, city) SELECT 'a' || i, 'c' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN city SET NOT NULL;
ALTER TABLE accounts ALTER COLUMN city TYPE varchar(40);
