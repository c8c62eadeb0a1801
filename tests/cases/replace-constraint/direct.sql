-- title: a small table is changed in one go
-- versions: 12 18
-- policy: strategy=auto
-- stats: public.colours rows=40 heap=8kB index=16kB
-- differs: no check
-- value: name text = 'red'
-- setup
CREATE TABLE colours (id serial PRIMARY KEY, name text, CONSTRAINT known CHECK (name IN ('red', 'green')));
-- rows
INSERT INTO colours (name) SELECT CASE i % 2 WHEN 0 THEN 'red' ELSE 'green' END FROM generate_series(1, 40) AS i;
-- wish
ALTER TABLE colours DROP CONSTRAINT known, ADD CONSTRAINT known CHECK (name IN ('red', 'green', 'blue'));
