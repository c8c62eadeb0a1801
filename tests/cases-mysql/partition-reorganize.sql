-- title: The last partition is cut in two
-- base: log
-- wish
ALTER TABLE log REORGANIZE PARTITION rest INTO (PARTITION p2 VALUES LESS THAN (2000000), PARTITION rest VALUES LESS THAN MAXVALUE);
