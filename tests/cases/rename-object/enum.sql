-- title: an enum that code casts to
-- refused: casts to
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE people (id bigserial PRIMARY KEY, mood mood);
-- rows
INSERT INTO people (mood) VALUES ('sad');
-- wish
ALTER TYPE mood RENAME TO feeling;
