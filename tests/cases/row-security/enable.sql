-- title: policies first, then row level security, whatever the order in the script
-- setup
CREATE TABLE notes (id bigserial PRIMARY KEY, owner text NOT NULL, body text);
-- rows
INSERT INTO notes (owner, body) SELECT 'u' || i % 9, 'b' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_notes ON notes FOR SELECT USING (owner = CURRENT_USER);
CREATE POLICY "May write" ON notes FOR INSERT TO PUBLIC WITH CHECK (true);
