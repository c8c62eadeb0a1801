-- title: only some rows move
-- versions: 15
-- refused: it copies only the rows with
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, bio text);
-- wish
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, bio text NOT NULL);
INSERT INTO profiles SELECT id, bio FROM users WHERE bio IS NOT NULL;
ALTER TABLE users DROP COLUMN bio;
