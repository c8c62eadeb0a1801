-- title: a text becomes a number under another name: values that do not fit are asked for first, and no release sends them
-- versions: 10 11 12 14 15 16 18
-- policy: batch_rows=300
-- value: years text = ({n} % 90)::text
-- value: age integer = {n} % 90
-- setup
CREATE TABLE people (id bigserial PRIMARY KEY, name text NOT NULL, years text NOT NULL);
CREATE INDEX people_years ON people (years);
-- rows
INSERT INTO people (name, years) SELECT 'n' || i, (i % 90)::text FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE people RENAME COLUMN years TO age;
ALTER TABLE people ALTER COLUMN age TYPE integer USING age::integer;
