-- title: rights go after the last release that uses them
-- versions: 10 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL);
GRANT SELECT, INSERT ON accounts TO pg_monitor;
GRANT SELECT ON accounts TO PUBLIC;
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
-- wish
REVOKE INSERT, UPDATE ON accounts FROM pg_monitor;
REVOKE ALL ON TABLE accounts FROM PUBLIC;
