-- title: indexes get other names, one of them by ALTER TABLE
-- setup
CREATE TABLE clients (id bigserial PRIMARY KEY, email text NOT NULL, born date);
CREATE INDEX "Idx One" ON clients (email);
CREATE INDEX idx_two ON clients (born) WHERE born IS NOT NULL;
-- rows
INSERT INTO clients (email) SELECT 'a' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER INDEX "Idx One" RENAME TO clients_email_idx;
ALTER TABLE idx_two RENAME TO clients_born_idx;
