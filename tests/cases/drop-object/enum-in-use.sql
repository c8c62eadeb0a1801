-- title: an enum that a column has
-- refused: use it
-- setup
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE people (id bigserial PRIMARY KEY, mood mood);
-- rows
INSERT INTO people (mood) VALUES ('sad');
-- wish
DROP TYPE mood;
