-- title: a split; the application writes both sides
-- versions: 10 15
-- policy: sync=app batch_rows=300
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, name varchar(100) NOT NULL);
-- rows
INSERT INTO users (email, name) SELECT 'u' || i, 'First' || i || CASE WHEN i % 4 > 0 THEN ' Last' || i ELSE '' END FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE users ADD COLUMN first_name text, ADD COLUMN last_name text;
UPDATE users SET first_name = split_part(name, ' ', 1), last_name = nullif(split_part(name, ' ', 2), '');
ALTER TABLE users ALTER COLUMN first_name SET NOT NULL;
ALTER TABLE users DROP COLUMN name;
