-- title: a virtual generated column
-- versions: 18
-- setup
CREATE TABLE lines (id bigserial PRIMARY KEY, quantity integer NOT NULL, price numeric(10,2) NOT NULL);
-- rows
INSERT INTO lines (quantity, price) SELECT i % 9, i / 3.0 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE lines ADD COLUMN total numeric GENERATED ALWAYS AS (quantity * price) VIRTUAL;
