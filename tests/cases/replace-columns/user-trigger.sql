-- title: the table's own trigger fires on the backfill
-- versions: 12 18
-- policy: batch_rows=300
-- differs: data public.users.changed_at
-- differs: undo rows
-- setup
CREATE TABLE users (id bigserial PRIMARY KEY, name text NOT NULL, changed_at timestamptz);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.changed_at := clock_timestamp(); RETURN NEW; END $$;
CREATE TRIGGER users_touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE PROCEDURE touch();
-- rows
INSERT INTO users (name) SELECT 'First' || i || CASE WHEN i % 4 > 0 THEN ' Last' || i ELSE '' END FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE users ADD COLUMN first_name text, ADD COLUMN last_name text;
UPDATE users SET first_name = split_part(name, ' ', 1), last_name = nullif(split_part(name, ' ', 2), '');
ALTER TABLE users DROP COLUMN name;
