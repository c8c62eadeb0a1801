-- title: an enum that no column has
-- setup
CREATE TYPE mood AS ENUM ('sad', 'it''s fine', 'Happy');
CREATE TABLE people (id bigserial PRIMARY KEY, name text);
-- rows
INSERT INTO people (name) SELECT 'n' || i FROM generate_series(1, 20) AS i;
-- wish
DROP TYPE mood;
