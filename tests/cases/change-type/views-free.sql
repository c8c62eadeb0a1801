-- title: a free widening that only a view and a policy stand in the way of
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, code varchar(12), score integer);
CREATE VIEW codes AS SELECT id, upper(code) AS code FROM accounts;
CREATE POLICY "Own codes" ON accounts FOR SELECT TO pg_monitor USING (code <> 'secret');
COMMENT ON POLICY "Own codes" ON accounts IS 'not for all';
COMMENT ON VIEW codes IS 'loud';
-- rows
INSERT INTO accounts (code, score) SELECT 'c' || i, i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN code TYPE text;
-- by hand
DROP VIEW codes;
DROP POLICY "Own codes" ON accounts;
ALTER TABLE accounts ALTER COLUMN code TYPE text;
CREATE VIEW codes AS SELECT id, upper(code) AS code FROM accounts;
CREATE POLICY "Own codes" ON accounts FOR SELECT TO pg_monitor USING (code <> 'secret');
COMMENT ON POLICY "Own codes" ON accounts IS 'not for all';
COMMENT ON VIEW codes IS 'loud';
