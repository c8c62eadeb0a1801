-- title: A value in the middle of an ENUM: every row is written anew
-- base: tickets
-- wish
ALTER TABLE tickets MODIFY COLUMN state ENUM('new','seen','open') NOT NULL DEFAULT 'new';
