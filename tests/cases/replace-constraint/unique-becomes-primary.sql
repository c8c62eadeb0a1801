-- title: a unique constraint becomes the primary key, and what points at it follows
-- versions: 10 12 15 18
-- differs: data public.cities.country
-- differs: data public.rivers.source
-- setup
CREATE TABLE countries (code text NOT NULL CONSTRAINT one_code UNIQUE, name text);
CREATE TABLE cities (id bigserial PRIMARY KEY, country text NOT NULL REFERENCES countries (code) ON UPDATE CASCADE, mayor text);
CREATE TABLE rivers (id bigserial PRIMARY KEY, source text REFERENCES countries (code) ON DELETE SET NULL ON UPDATE CASCADE);
CREATE INDEX ON cities (country);
CREATE INDEX ON rivers (source);
-- rows
INSERT INTO countries SELECT 'c' || i, 'n' || i FROM generate_series(1, 300) AS i;
INSERT INTO cities (country) SELECT 'c' || 1 + i % 300 FROM generate_series(1, 1000) AS i;
INSERT INTO rivers (source) SELECT 'c' || 1 + i % 300 FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE countries DROP CONSTRAINT one_code CASCADE;
ALTER TABLE countries ADD PRIMARY KEY (code);
ALTER TABLE cities ADD CONSTRAINT cities_country_fkey FOREIGN KEY (country) REFERENCES countries ON UPDATE CASCADE;
ALTER TABLE rivers ADD FOREIGN KEY (source) REFERENCES countries (code) ON DELETE SET NULL ON UPDATE CASCADE;
