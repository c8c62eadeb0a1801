-- title: the column of the type goes first
-- versions: 10 18
-- value: mood = 'ok'::mood
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id bigserial PRIMARY KEY, name text NOT NULL, mood mood);
CREATE INDEX people_mood ON people (mood);
-- rows
INSERT INTO people (name, mood) SELECT 'p' || i, 'ok' FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE people DROP COLUMN mood;
DROP TYPE mood;
