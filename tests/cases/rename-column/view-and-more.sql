-- title: the table is behind a view, so nothing else can change it meanwhile
-- policy: rename=view
-- refused: gets another name here
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, fullname text);
-- rows
INSERT INTO accounts (fullname) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO full_name;
ALTER TABLE accounts ADD COLUMN phone text;
