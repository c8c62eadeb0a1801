SELECT t.TABLE_NAME AS tbl, c.CONSTRAINT_NAME AS name, c.CHECK_CLAUSE AS clause, t.ENFORCED AS enforced, 'Table' AS level -- on mysql 8.0.16
FROM information_schema.CHECK_CONSTRAINTS c -- on mysql 8.0.16
JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME -- on mysql 8.0.16
WHERE c.CONSTRAINT_SCHEMA = :db AND t.CONSTRAINT_TYPE = 'CHECK' -- on mysql 8.0.16
SELECT TABLE_NAME AS tbl, CONSTRAINT_NAME AS name, CHECK_CLAUSE AS clause, 'YES' AS enforced, -- on mariadb
  LEVEL AS level -- on mariadb 10.5.10
  'Table' AS level -- on mariadb 10.2..10.5.10
FROM information_schema.CHECK_CONSTRAINTS -- on mariadb
WHERE CONSTRAINT_SCHEMA = :db -- on mariadb
