SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(t.NAME, '/', -1), '#', 1) AS file -- on mysql 8.0
FROM information_schema.INNODB_TABLES t -- on mysql 8.0
JOIN information_schema.INNODB_INDEXES i ON i.TABLE_ID = t.TABLE_ID -- on mysql 8.0
WHERE SUBSTRING_INDEX(t.NAME, '/', 1) = :file AND i.NAME = 'FTS_DOC_ID_INDEX' -- on mysql 8.0
SELECT CONVERT(CONVERT(CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(t.NAME, '/', -1), '#', 1) AS BINARY) USING filename) USING utf8mb4) AS tbl -- not on mysql 8.0
FROM information_schema.INNODB_SYS_TABLES t -- not on mysql 8.0
JOIN information_schema.INNODB_SYS_COLUMNS c ON c.TABLE_ID = t.TABLE_ID -- not on mysql 8.0
WHERE SUBSTRING_INDEX(t.NAME, '/', 1) = :file AND c.NAME = 'FTS_DOC_ID' -- not on mysql 8.0
