-- title: a rename and a change of type of the same column are planned one after the other
-- versions: 15
-- refused: is changed twice
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, name text);
-- wish
ALTER TABLE accounts RENAME COLUMN name TO full_name;
ALTER TABLE accounts ALTER COLUMN full_name TYPE varchar(100);
