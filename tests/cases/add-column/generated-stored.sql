-- title: a stored generated column
-- versions: 12 15 18
-- policy: batch_rows=300
-- differs: lines.total
-- differs: lines_total_compute
-- setup
CREATE TABLE lines (id bigserial PRIMARY KEY, quantity integer NOT NULL, price numeric(10,2) NOT NULL);
-- rows
INSERT INTO lines (quantity, price) SELECT i % 9, i / 3.0 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE lines ADD COLUMN total numeric GENERATED ALWAYS AS (quantity * price) STORED;
-- compare
SELECT bool_and(total = quantity * price) FROM lines;
