-- title: USING gives more digits than the new type keeps: what is compared is rounded as what is stored
-- versions: 11 14 16 18
-- policy: batch_rows=300
-- differs: undo prices.cents at
-- differs: undo prices_cents_not_null
-- differs: undo data public.prices.cents
-- setup
CREATE TABLE prices (id bigserial PRIMARY KEY, item text NOT NULL, cents integer NOT NULL);
-- rows
INSERT INTO prices (item, cents) SELECT 'i' || i, i * 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE prices ALTER COLUMN cents TYPE numeric(12,2) USING cents / 300.0;
