-- title: before 15 a view would show every row to every role
-- policy: rename=view
-- versions: 10 12 14
-- refused: row-level security
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, fullname text);
ALTER TABLE accounts ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON accounts USING (fullname = current_user);
-- rows
INSERT INTO accounts (fullname) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE accounts RENAME COLUMN fullname TO full_name;
