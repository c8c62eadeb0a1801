-- The change of the demo: people have two names, a phone and a status.
ALTER TABLE users ADD COLUMN first_name VARCHAR(100), ADD COLUMN last_name VARCHAR(100);
UPDATE users SET first_name = SUBSTRING_INDEX(name, ' ', 1),
                 last_name = NULLIF(SUBSTRING(name, CHAR_LENGTH(SUBSTRING_INDEX(name, ' ', 1)) + 2), '');
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users ADD COLUMN phone VARCHAR(32) UNIQUE;
ALTER TABLE users ADD COLUMN status VARCHAR(20) NOT NULL DEFAULT 'active';
CREATE INDEX users_status_created ON users (status, created_at DESC);
