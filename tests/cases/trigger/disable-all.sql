-- title: DISABLE TRIGGER ALL would switch off foreign keys
-- versions: 15
-- refused: also switches off the foreign keys
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
-- wish
ALTER TABLE accounts DISABLE TRIGGER ALL;
