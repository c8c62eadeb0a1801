-- title: A date that is NOT NULL without a value for the rows that are there
-- base: shop
-- refused: has rows, and `born`
-- wish
ALTER TABLE users ADD COLUMN born DATE NOT NULL;
