CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN posint AS integer NOT NULL CHECK (VALUE > 0);
CREATE TABLE users (
  id bigserial PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, name varchar(100), feeling mood DEFAULT 'ok',
  n posint DEFAULT 1, created_at timestamptz NOT NULL DEFAULT now(), token uuid DEFAULT md5(random()::text)::uuid,
  body text COLLATE "C");
ALTER TABLE users ALTER body SET STORAGE EXTERNAL, ALTER name SET STATISTICS 500, SET (fillfactor = 90);
ALTER TABLE users REPLICA IDENTITY USING INDEX users_email_key;
COMMENT ON TABLE users IS 'people';
COMMENT ON COLUMN users.name IS 'full name';
CREATE TABLE gone_columns (a int, b int, c text, d int DEFAULT 3);
ALTER TABLE gone_columns DROP COLUMN b;
CREATE UNIQUE INDEX gone_columns_d ON gone_columns (d) WHERE c IS NOT NULL;
CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, user_id bigint NOT NULL REFERENCES users,
  total numeric(10,2) CHECK (total >= 0), note text, EXCLUDE USING btree (note WITH =));
ALTER TABLE orders ADD CONSTRAINT note_short CHECK (length(note) < 100) NOT VALID;
CREATE INDEX orders_part ON orders (lower(note), total DESC) WHERE user_id > 10;
CREATE VIEW order_names WITH (security_barrier) AS
  SELECT u.id, u.name, o.total FROM users u JOIN orders o ON o.user_id = u.id;
CREATE VIEW names AS SELECT name FROM order_names;
CREATE MATERIALIZED VIEW totals AS SELECT user_id, sum(total) s FROM orders GROUP BY 1;
CREATE RULE log_it AS ON UPDATE TO orders WHERE NEW.total > 1 DO ALSO UPDATE users SET name = NEW.note WHERE id = NEW.user_id;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin new.created_at = now(); return new; end';
CREATE TRIGGER touch BEFORE UPDATE OF name ON users FOR EACH ROW
  WHEN (OLD.email IS DISTINCT FROM NEW.email) EXECUTE PROCEDURE touch();
CREATE FUNCTION count_orders() RETURNS bigint LANGUAGE sql STABLE AS 'select count(*) from "orders"';
CREATE FUNCTION unrelated() RETURNS int LANGUAGE sql IMMUTABLE AS 'select 1';
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders FOR SELECT USING (user_id = 1);
CREATE TABLE measured (at timestamptz NOT NULL, x int) PARTITION BY RANGE (at);
CREATE TABLE measured_1 PARTITION OF measured FOR VALUES FROM ('2024-01-01') TO ('2024-02-01');
CREATE PUBLICATION feed FOR TABLE users;
CREATE SEQUENCE loose AS smallint;
INSERT INTO users (email, name) SELECT 'u' || n, 'n' FROM generate_series(1, 500) n;
INSERT INTO orders (user_id, total, note) SELECT n, n, n::text FROM generate_series(1, 300) n;
DELETE FROM orders WHERE id > 200;
CREATE SCHEMA other;
CREATE TABLE other.users (id int);
CREATE TEMP TABLE passing (id int);
GRANT SELECT ON orders TO PUBLIC;
GRANT UPDATE (name) ON users TO PUBLIC;
CREATE EXTENSION citext;
CREATE EXTENSION pg_stat_statements;
ALTER TABLE gone_columns ADD e citext;
