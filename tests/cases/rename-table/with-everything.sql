-- title: a table with keys both ways, indexes, a trigger, a view, grants and comments gets another name
-- stats: public.clients rows=40000000 heap=6GB index=3GB writes=60
-- setup
CREATE TABLE countries (code text PRIMARY KEY);
CREATE TABLE clients (
  id bigserial PRIMARY KEY,
  email text NOT NULL UNIQUE,
  country text NOT NULL REFERENCES countries (code),
  score integer NOT NULL DEFAULT 0 CONSTRAINT clients_score_check CHECK (score >= 0),
  touched timestamptz
);
CREATE INDEX clients_country_idx ON clients (country);
CREATE TABLE orders (id bigserial PRIMARY KEY, client_id bigint NOT NULL REFERENCES clients (id), total numeric(12,2) NOT NULL);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.touched := now(); RETURN NEW; END $$;
CREATE TRIGGER clients_touch BEFORE UPDATE ON clients FOR EACH ROW EXECUTE PROCEDURE touch();
CREATE FUNCTION clients_named(wanted text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT count(*) FROM clients WHERE email = wanted); END $$;
CREATE VIEW good_clients AS SELECT id, email FROM clients WHERE score > 3;
COMMENT ON TABLE clients IS 'who buys';
GRANT SELECT, INSERT, UPDATE ON clients TO PUBLIC;
GRANT SELECT ON clients TO pg_monitor WITH GRANT OPTION;
-- rows
INSERT INTO countries SELECT 'c' || i FROM generate_series(1, 20) AS i;
INSERT INTO clients (email, country, score) SELECT 'a' || i, 'c' || (1 + i % 20), i % 7 FROM generate_series(1, 2000) AS i;
INSERT INTO orders (client_id, total) SELECT 1 + i % 2000, i FROM generate_series(1, 3000) AS i;
-- wish
ALTER TABLE clients RENAME TO customers;
-- compare
SELECT count(*) >= 2000 FROM customers;
SELECT count(*) = 1 FROM pg_trigger WHERE tgrelid = 'customers'::regclass AND tgname = 'clients_touch';
SELECT to_regclass('clients') IS NULL;
