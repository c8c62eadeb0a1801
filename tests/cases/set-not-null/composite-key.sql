-- title: NOT NULL on a table whose key has two columns, filled from another column
-- versions: 10 15
-- policy: batch_rows=300
-- differs: undo rows
-- setup
CREATE TABLE readings (sensor text NOT NULL, at timestamptz NOT NULL, celsius integer NOT NULL, felt integer, PRIMARY KEY (sensor, at));
-- rows
INSERT INTO readings SELECT 's' || i % 9, timestamptz '2026-01-01' + i * interval '1 minute', i % 50, nullif(i % 4, 0) FROM generate_series(1, 2000) AS i;
-- wish
UPDATE readings SET felt = celsius - 1 WHERE felt IS NULL;
ALTER TABLE readings ALTER COLUMN felt SET NOT NULL;
