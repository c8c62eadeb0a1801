-- title: a column moves to a table that is there already
-- policy: batch_rows=200
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, bio text);
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, photo text);
-- rows
INSERT INTO users (email, bio) SELECT 'u' || i, nullif('b' || i % 5, 'b0') FROM generate_series(1, 700) AS i;
INSERT INTO profiles (user_id, photo) SELECT i, 'p' || i FROM generate_series(1, 700) AS i;
-- wish
ALTER TABLE profiles ADD COLUMN bio text;
UPDATE profiles p SET bio = u.bio FROM users u WHERE u.id = p.user_id;
ALTER TABLE users DROP COLUMN bio;
