-- title: rows that come due while it runs; a key of two columns
-- versions: 10 15
-- policy: batch_rows=100
-- differs: no check
-- value: at = timestamptz '2034-01-01' + {n} * interval '1 second'
-- setup
CREATE TABLE "Read ings" (sensor text NOT NULL, "at" timestamptz NOT NULL, celsius integer, PRIMARY KEY (sensor, "at"));
-- rows
INSERT INTO "Read ings" SELECT 's' || i % 7, timestamptz '2020-01-01' + i * interval '5 days', i FROM generate_series(1, 500) AS i;
-- wish
DELETE FROM "Read ings" WHERE "at" < now() - interval '1 year' AND celsius > 60;
