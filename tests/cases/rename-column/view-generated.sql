-- title: two names by a view for a generated column
-- versions: 12 15 18
-- policy: rename=view
-- setup
CREATE TABLE parcels (id bigserial PRIMARY KEY, width integer NOT NULL, height integer NOT NULL, area bigint GENERATED ALWAYS AS (width::bigint * height) STORED);
-- rows
INSERT INTO parcels (width, height) SELECT i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE parcels RENAME COLUMN area TO surface;
