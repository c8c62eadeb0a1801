-- title: a conversion that nobody can undo: the release that uses the new column writes the old one as well
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- setup
CREATE TABLE prices (id bigserial PRIMARY KEY, item text NOT NULL, cents integer NOT NULL);
CREATE INDEX prices_cents ON prices (cents);
-- rows
INSERT INTO prices (item, cents) SELECT 'i' || i, i * 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE prices RENAME COLUMN cents TO amount;
ALTER TABLE prices ALTER COLUMN amount TYPE numeric(12,2) USING amount / 300.0;
