-- title: a whole schema
-- versions: 12 18
-- differs: no check
-- setup
CREATE SCHEMA "My app";
CREATE TABLE "My app".t (id integer PRIMARY KEY);
-- rows
INSERT INTO "My app".t SELECT generate_series(1, 100);
-- wish
REINDEX SCHEMA "My app";
