-- title: row level security without a policy shuts everyone out
-- refused: shows no row
-- versions: 10 18
-- setup
CREATE TABLE notes (id bigserial PRIMARY KEY, owner text NOT NULL, body text);
-- wish
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
