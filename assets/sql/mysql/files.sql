SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(NAME, '/', -1), '#', 1) AS file, -- on mysql 8.0
SELECT CONVERT(CONVERT(CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(NAME, '/', -1), '#', 1) AS BINARY) USING filename) USING utf8mb4) AS tbl, -- on mysql 5.7..8.0, mariadb
  SUM(FILE_SIZE) AS bytes -- on mysql 5.7, mariadb
FROM information_schema.INNODB_TABLESPACES -- on mysql 8.0
FROM information_schema.INNODB_SYS_TABLESPACES -- on mysql 5.7..8.0, mariadb
WHERE SUBSTRING_INDEX(NAME, '/', 1) = :file AND NAME LIKE '%/%' GROUP BY 1 -- on mysql 5.7, mariadb
