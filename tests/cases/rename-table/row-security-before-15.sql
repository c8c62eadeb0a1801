-- title: before 15 a view would show every row to every role
-- versions: 10 12 14
-- refused: row-level security
-- setup
CREATE TABLE notes (id bigserial PRIMARY KEY, owner_name text NOT NULL DEFAULT current_user, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_notes ON notes USING (owner_name = current_user);
-- rows
INSERT INTO notes (body) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
ALTER TABLE notes RENAME TO remarks;
