-- title: a table is merged into another and goes
-- versions: 10 12 18
-- policy: batch_rows=200
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, bio text, photo text);
-- rows
INSERT INTO users (email) SELECT 'u' || i FROM generate_series(1, 700) AS i;
INSERT INTO profiles (user_id, bio, photo) SELECT i, nullif('b' || i % 5, 'b0'), 'p' || i FROM generate_series(1, 700) AS i;
-- wish
ALTER TABLE users ADD COLUMN bio text, ADD COLUMN photo text;
UPDATE users SET bio = profiles.bio, photo = profiles.photo FROM profiles WHERE profiles.user_id = users.id;
DROP TABLE profiles;
