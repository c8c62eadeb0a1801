-- title: subscribers look for table and column by name
-- policy: rename=view
-- refused: subscribers of
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, fullname text);
CREATE PUBLICATION feed FOR TABLE accounts;
-- rows
INSERT INTO accounts (fullname) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO full_name;
