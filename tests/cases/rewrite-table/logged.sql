-- title: there is no online way to a logged table
-- versions: 10 18
-- refused: neither the server nor pg_repack does that beside the traffic
-- setup
CREATE UNLOGGED TABLE scratch (id bigint PRIMARY KEY, note text);
-- wish
ALTER TABLE scratch SET LOGGED;
