-- title: a filled column on a table whose key has two columns
-- versions: 10 12 18
-- policy: batch_rows=300
-- setup
CREATE TABLE members (team integer NOT NULL, person integer NOT NULL, role text NOT NULL, PRIMARY KEY (team, person));
-- rows
INSERT INTO members SELECT i % 40, i, CASE WHEN i % 5 = 0 THEN 'lead' ELSE 'member' END FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE members ADD COLUMN is_lead boolean;
UPDATE members SET is_lead = role = 'lead';
ALTER TABLE members ALTER COLUMN is_lead SET NOT NULL;
