-- title: A partition is emptied
-- base: log
-- wish
ALTER TABLE log TRUNCATE PARTITION p0;
