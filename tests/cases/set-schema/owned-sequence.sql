-- title: a table moves to another schema with its sequence and indexes
-- stats: public.invoices rows=40000000 heap=6GB index=3GB writes=60
-- setup
CREATE SCHEMA billing;
CREATE TABLE invoices (
  id serial PRIMARY KEY,
  number text NOT NULL UNIQUE,
  parent integer REFERENCES invoices (id),
  total numeric(12,2) NOT NULL DEFAULT 0
);
CREATE INDEX invoices_parent_idx ON invoices (parent);
CREATE TABLE lines (invoice_id integer NOT NULL REFERENCES invoices (id), line smallint NOT NULL, PRIMARY KEY (invoice_id, line));
CREATE VIEW totals AS SELECT number, total FROM invoices;
GRANT SELECT, DELETE ON invoices TO pg_monitor;
-- rows
INSERT INTO invoices (number, total) SELECT 'n' || i, i FROM generate_series(1, 2000) AS i;
INSERT INTO lines SELECT i, 1 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE invoices SET SCHEMA billing;
-- compare
SELECT pg_get_serial_sequence('billing.invoices', 'id') = 'billing.invoices_id_seq';
