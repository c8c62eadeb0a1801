-- title: policies hold through the view from 15 on
-- versions: 15 18
-- setup
CREATE TABLE notes (id bigserial PRIMARY KEY, owner_name text NOT NULL DEFAULT current_user, body text NOT NULL);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_notes ON notes USING (owner_name = current_user);
-- rows
INSERT INTO notes (body) SELECT 'n' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE notes RENAME TO remarks;
