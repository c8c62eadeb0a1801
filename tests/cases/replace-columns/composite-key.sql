-- title: a replacement on a table whose key has two columns of two types
-- versions: 10 15
-- policy: batch_rows=300
-- value: celsius = {n} % 50
-- value: kelvin = 273 + {n} % 50
-- setup
CREATE TABLE readings (sensor text NOT NULL, at timestamptz NOT NULL, celsius integer NOT NULL, PRIMARY KEY (sensor, at));
-- rows
INSERT INTO readings SELECT 's' || i % 9, timestamptz '2026-01-01' + i * interval '1 minute', i % 50 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE readings ADD COLUMN kelvin integer;
UPDATE readings SET kelvin = celsius + 273;
UPDATE readings SET celsius = kelvin - 273;
ALTER TABLE readings ALTER COLUMN kelvin SET NOT NULL;
ALTER TABLE readings DROP COLUMN celsius;
