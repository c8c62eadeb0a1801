SELECT TABLE_NAME AS tbl,
  INDEX_NAME AS name,
  NON_UNIQUE AS repeats,
  SEQ_IN_INDEX AS place,
  COLUMN_NAME AS col,
  COLLATION AS direction,
  SUB_PART AS prefix,
  INDEX_TYPE AS type,
  COMMENT AS state,
  IS_VISIBLE AS visible, -- on mysql 8.0
  EXPRESSION AS expression, -- on mysql 8.0.13
  IGNORED AS ignored, -- on mariadb 10.6
  INDEX_COMMENT AS comment
FROM information_schema.STATISTICS
WHERE TABLE_SCHEMA = :db
