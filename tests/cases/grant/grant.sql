-- title: rights on two tables, some there before
-- versions: 10 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL);
CREATE TABLE "Other" (id bigserial PRIMARY KEY, email text NOT NULL);
GRANT SELECT ON accounts TO pg_monitor;
GRANT SELECT, DELETE ON "Other" TO PUBLIC;
-- rows
INSERT INTO accounts (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
INSERT INTO "Other" (email) SELECT 'a' || i FROM generate_series(1, 500) AS i;
-- wish
GRANT SELECT, INSERT ON accounts, "Other" TO pg_monitor, PUBLIC;
