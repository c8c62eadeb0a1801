-- title: two names by a view: keys both ways, indexes, checks, a view, grants and comments stay where they are
-- policy: rename=view
-- stats: public.clients rows=40000000 heap=6GB index=3GB writes=60
-- setup
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE clients (
  id bigserial PRIMARY KEY,
  fullname text NOT NULL,
  country text NOT NULL REFERENCES countries (code),
  score integer NOT NULL DEFAULT 0 CONSTRAINT clients_score_check CHECK (score >= 0)
);
CREATE INDEX clients_fullname_idx ON clients (lower(fullname), score) WHERE fullname <> '';
CREATE TABLE orders (id bigserial PRIMARY KEY, client_id bigint NOT NULL REFERENCES clients (id), total numeric(12,2) NOT NULL);
CREATE VIEW good_clients AS SELECT id, fullname FROM clients WHERE score > 3;
COMMENT ON COLUMN clients.fullname IS 'as on the invoice';
GRANT SELECT, INSERT ON clients TO PUBLIC;
GRANT UPDATE (fullname) ON clients TO pg_monitor;
-- rows
INSERT INTO countries SELECT 'c' || i FROM generate_series(1, 20) AS i;
INSERT INTO clients (fullname, country, score) SELECT 'a' || i, 'c' || (1 + i % 20), i % 7 FROM generate_series(1, 2000) AS i;
INSERT INTO orders (client_id, total) SELECT 1 + i % 2000, i FROM generate_series(1, 3000) AS i;
-- wish
ALTER TABLE clients RENAME COLUMN fullname TO full_name;
