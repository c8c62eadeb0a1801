-- title: the new table is stricter than the old one
-- versions: 15
-- refused: does not hold for
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, bio text);
-- wish
CREATE TABLE contacts (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, email text UNIQUE);
INSERT INTO contacts (user_id, email) SELECT id, email FROM users;
ALTER TABLE users DROP COLUMN email;
