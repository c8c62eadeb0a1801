-- The change of the demo: people have two names, a phone and a status.
ALTER TABLE users ADD COLUMN first_name varchar(100), ADD COLUMN last_name varchar(100);
UPDATE users SET first_name = split_part(name, ' ', 1),
                 last_name = nullif(substr(name, length(split_part(name, ' ', 1)) + 2), '');
ALTER TABLE users DROP COLUMN name;
ALTER TABLE users ADD COLUMN phone varchar(32) UNIQUE;
ALTER TABLE users ADD COLUMN status varchar(20) NOT NULL DEFAULT 'active';
CREATE INDEX ON users (status, created_at DESC);
