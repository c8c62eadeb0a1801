-- title: the owner obeys, too; another table is opened
-- versions: 10 15
-- setup
CREATE TABLE notes (id bigserial PRIMARY KEY, owner text NOT NULL, body text);
CREATE POLICY all_rows ON notes USING (true);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE TABLE logs (id bigserial PRIMARY KEY, line text);
CREATE POLICY all_lines ON logs USING (true);
ALTER TABLE logs ENABLE ROW LEVEL SECURITY;
-- rows
INSERT INTO notes (owner, body) SELECT 'u' || i % 9, 'b' || i FROM generate_series(1, 500) AS i;
INSERT INTO logs (line) SELECT 'l' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE notes FORCE ROW LEVEL SECURITY;
ALTER TABLE logs DISABLE ROW LEVEL SECURITY;
