-- title: two columns of a big table move to a table of their own, whose rows go with the user
-- stats: public.users rows=15000000 heap=4GB index=1GB writes=120
-- policy: batch_rows=200
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, email text NOT NULL, bio text, settings jsonb DEFAULT '{}', seen date);
CREATE INDEX users_bio ON users (lower(bio));
CREATE TABLE posts (id bigserial PRIMARY KEY, user_id bigint NOT NULL REFERENCES users);
-- rows
INSERT INTO users (email, bio, settings) SELECT 'u' || i, nullif('b' || i % 5, 'b0'), jsonb_build_object('n', i) FROM generate_series(1, 700) AS i;
INSERT INTO posts (user_id) SELECT 1 + i % 700 FROM generate_series(1, 100) AS i;
-- wish
CREATE TABLE profiles (user_id bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE, bio text, settings jsonb, photo bytea);
INSERT INTO profiles (user_id, bio, settings) SELECT id, bio, settings FROM users;
CREATE INDEX profiles_bio ON profiles (lower(bio));
ALTER TABLE users DROP COLUMN bio, DROP COLUMN settings;
