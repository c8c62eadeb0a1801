-- title: The case of the issue: split a name, add a unique phone, a status with a default, an index
-- stats: public.users rows=150000000 heap=14GB index=9GB writes=120
-- setup
CREATE TABLE users (
  id bigserial PRIMARY KEY,
  email varchar(255) NOT NULL UNIQUE,
  name varchar(100),
  created_at timestamptz NOT NULL DEFAULT now()
);
-- rows
INSERT INTO users (email, name, created_at)
SELECT 'user' || i || '@example.org',
       CASE WHEN i % 10 = 0 THEN NULL WHEN i % 7 = 0 THEN 'Single' || i WHEN i % 11 = 0 THEN '' ELSE 'First' || i || ' Last' || i END,
       now() - i * interval '1 minute'
FROM generate_series(1, 50000) AS i;
-- wish
ALTER TABLE users ADD COLUMN first_name text, ADD COLUMN last_name text;
UPDATE users SET first_name = split_part(name, ' ', 1), last_name = nullif(split_part(name, ' ', 2), '');
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users ADD COLUMN phone text UNIQUE;
ALTER TABLE users ADD COLUMN status text NOT NULL DEFAULT 'active';
CREATE INDEX users_status_created_at ON users (status, created_at DESC);
-- compare
SELECT bool_and(first_name = 'First' || id AND last_name = 'Last' || id) FROM users
WHERE id BETWEEN 50 AND 50000 AND email = 'user' || id || '@example.org' AND id % 10 <> 0 AND id % 7 <> 0 AND id % 11 <> 0;
SELECT bool_and(first_name = 'Single' || id AND last_name IS NULL) FROM users
WHERE id BETWEEN 50 AND 50000 AND email = 'user' || id || '@example.org' AND id % 10 <> 0 AND id % 7 = 0;
SELECT bool_and(first_name IS NULL AND last_name IS NULL) FROM users
WHERE id BETWEEN 50 AND 50000 AND email = 'user' || id || '@example.org' AND id % 10 = 0;
SELECT bool_and(status IS NOT NULL) FROM users;
