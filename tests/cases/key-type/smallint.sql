-- title: smallint to integer, referenced by a unique key that is not the primary one
-- versions: 12 15
-- policy: batch_rows=100
-- differs: data public.cities.country
-- setup
CREATE TABLE countries (iso text PRIMARY KEY, code smallint NOT NULL CONSTRAINT one_code UNIQUE);
CREATE TABLE cities (id bigserial PRIMARY KEY, country smallint NOT NULL REFERENCES countries (code) ON UPDATE CASCADE);
CREATE INDEX ON cities (country);
-- rows
INSERT INTO countries SELECT chr(65 + i / 26) || chr(65 + i % 26), i FROM generate_series(1, 90) AS i;
INSERT INTO cities (country) SELECT 1 + i % 90 FROM generate_series(1, 1000) AS i;
-- wish
ALTER TABLE countries ALTER COLUMN code TYPE integer;
ALTER TABLE cities ALTER COLUMN country TYPE integer;
