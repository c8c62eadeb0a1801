SELECT TABLE_SCHEMA AS db,
  TABLE_NAME AS tbl,
  COLUMN_NAME AS name,
  ORDINAL_POSITION AS place,
  COLUMN_DEFAULT AS dflt,
  IS_NULLABLE AS nullable,
  COLUMN_TYPE AS type,
  CHARACTER_SET_NAME AS charset,
  COLLATION_NAME AS collation,
  EXTRA AS extra,
  GENERATION_EXPRESSION AS expression, -- on mysql 5.7, mariadb 10.2
  SRS_ID AS srs, -- on mysql 8.0.3
  COLUMN_COMMENT AS comment
FROM information_schema.COLUMNS
WHERE :here
