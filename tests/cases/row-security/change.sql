-- title: a policy is replaced, another altered, a third renamed, a fourth dropped
-- setup
CREATE TABLE notes (id bigserial PRIMARY KEY, owner text NOT NULL, body text);
CREATE POLICY own ON notes USING (owner = CURRENT_USER);
CREATE POLICY team ON notes FOR SELECT TO PUBLIC USING (owner LIKE 't%');
CREATE POLICY "no ghosts" ON notes AS RESTRICTIVE FOR ALL USING (owner <> 'ghost') WITH CHECK (owner <> 'ghost');
CREATE POLICY gone ON notes FOR DELETE USING (false);
ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
-- rows
INSERT INTO notes (owner, body) SELECT 'u' || i % 9, 'b' || i FROM generate_series(1, 500) AS i;
-- wish
DROP POLICY own ON notes;
CREATE POLICY own ON notes USING (owner = SESSION_USER) WITH CHECK (owner = SESSION_USER);
ALTER POLICY team ON notes USING (owner LIKE 'team%');
ALTER POLICY "no ghosts" ON notes RENAME TO no_ghosts;
DROP POLICY gone ON notes;
