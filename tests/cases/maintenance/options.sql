-- title: storage options come and go
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
ALTER TABLE accounts SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.1);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts SET (fillfactor = 70, autovacuum_vacuum_cost_delay = 5);
ALTER TABLE accounts RESET (autovacuum_vacuum_scale_factor);
