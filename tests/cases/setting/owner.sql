-- title: another owner
-- versions: 10 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL);
GRANT SELECT ON accounts TO pg_monitor;
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts OWNER TO pg_monitor;
