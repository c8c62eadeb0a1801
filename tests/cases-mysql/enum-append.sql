-- title: A value at the end of an ENUM
-- base: tickets
-- wish
ALTER TABLE tickets MODIFY COLUMN state ENUM('new','open','done') NOT NULL DEFAULT 'new';
