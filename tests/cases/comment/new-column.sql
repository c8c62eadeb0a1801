-- title: a comment on a column that the script adds
-- versions: 10 18
-- setup
CREATE TABLE people (id bigserial PRIMARY KEY, name text NOT NULL);
-- rows
INSERT INTO people (name) SELECT 'p' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE people ADD COLUMN phone text;
COMMENT ON COLUMN people.phone IS 'with the country code';
