-- title: the label is there already
-- versions: 15
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id bigserial PRIMARY KEY, mood mood);
-- rows
INSERT INTO people (mood) SELECT 'ok' FROM generate_series(1, 100);
-- wish
ALTER TYPE mood ADD VALUE IF NOT EXISTS 'ok';
