-- title: an enum that code casts to
-- value: mood = r.mood
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE people (id bigserial PRIMARY KEY, mood mood);
-- rows
INSERT INTO people (mood) SELECT 'sad' FROM generate_series(1, 300);
-- wish
ALTER TYPE mood RENAME TO feeling;
