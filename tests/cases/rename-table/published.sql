-- title: subscribers look for the name
-- setup
CREATE TABLE prices (id bigserial PRIMARY KEY, amount numeric(10,2) NOT NULL);
CREATE PUBLICATION feed FOR TABLE prices;
-- rows
INSERT INTO prices (amount) SELECT i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE prices RENAME TO tariffs;
