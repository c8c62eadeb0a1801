-- title: a shorter text that is NOT NULL from now on; no row holds NULL
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- value: code text = 'c' || ({n} % 1000)
-- value: code character varying(10) = 'c' || ({n} % 1000)
-- setup
CREATE TABLE items (id bigserial PRIMARY KEY, "Name" text NOT NULL, code text);
CREATE UNIQUE INDEX items_code ON items (code, id);
-- rows
INSERT INTO items ("Name", code) SELECT 'n' || i, 'c' || i % 1000 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE items ALTER COLUMN code TYPE varchar(10);
ALTER TABLE items ALTER COLUMN code SET NOT NULL;
