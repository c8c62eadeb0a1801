-- title: statistics, storage and options, some set before
-- versions: 10 18
-- differs: undo options
-- differs: no check
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, note text) WITH (fillfactor = 90, autovacuum_vacuum_cost_limit = 200);
ALTER TABLE accounts ALTER COLUMN score SET STATISTICS 50;
CREATE INDEX accounts_score ON accounts (score);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN email SET STORAGE EXTERNAL;
ALTER TABLE accounts ALTER COLUMN email SET STATISTICS 500, ALTER COLUMN score SET STATISTICS -1;
ALTER TABLE accounts SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
ALTER TABLE accounts RESET (autovacuum_vacuum_cost_limit);
