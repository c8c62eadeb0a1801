-- KEY_COLUMN_USAGE would open every table of the server to answer this; MySQL 8.0 has a dictionary instead.
SELECT CONVERT(CONVERT(CAST(SUBSTRING_INDEX(f.FOR_NAME, '/', 1) AS BINARY) USING filename) USING utf8mb4) AS db, -- not on mysql 8.0
  CONVERT(CONVERT(CAST(SUBSTRING_INDEX(f.FOR_NAME, '/', -1) AS BINARY) USING filename) USING utf8mb4) AS tbl, -- not on mysql 8.0
  CONVERT(CONVERT(CAST(SUBSTRING_INDEX(f.REF_NAME, '/', -1) AS BINARY) USING filename) USING utf8mb4) AS ref_tbl, -- not on mysql 8.0
  SUBSTRING_INDEX(f.ID, '/', -1) AS name, -- not on mysql 8.0
  f.TYPE AS rules, -- not on mysql 8.0
  c.FOR_COL_NAME AS col, -- not on mysql 8.0
  c.REF_COL_NAME AS ref_col, -- not on mysql 8.0
  c.POS AS place -- not on mysql 8.0
FROM information_schema.INNODB_SYS_FOREIGN f -- not on mysql 8.0
JOIN information_schema.INNODB_SYS_FOREIGN_COLS c ON c.ID = f.ID -- not on mysql 8.0
WHERE SUBSTRING_INDEX(f.REF_NAME, '/', 1) = :file AND SUBSTRING_INDEX(f.FOR_NAME, '/', 1) <> :file -- not on mysql 8.0
