SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(NAME, '/', -1), '#', 1) AS file, -- on mysql 8.0.29
  MAX(TOTAL_ROW_VERSIONS) AS row_versions -- on mysql 8.0.29
FROM information_schema.INNODB_TABLES -- on mysql 8.0.29
WHERE SUBSTRING_INDEX(NAME, '/', 1) = :file GROUP BY 1 -- on mysql 8.0.29
