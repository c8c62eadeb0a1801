-- title: two columns become one; no way back is known
-- versions: 10 12 18
-- policy: batch_rows=300
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, first_name text NOT NULL, last_name text NOT NULL);
-- rows
INSERT INTO users (first_name, last_name) SELECT 'F' || i, 'L' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE users ADD COLUMN full_name text;
UPDATE users SET full_name = first_name || ' ' || last_name;
ALTER TABLE users ALTER COLUMN full_name SET NOT NULL;
ALTER TABLE users DROP COLUMN first_name, DROP COLUMN last_name;
