-- title: An ENUM loses a value
-- base: tickets
-- differs: fails as written
-- only: none
-- wish
ALTER TABLE tickets MODIFY COLUMN state ENUM('new') NOT NULL DEFAULT 'new';
