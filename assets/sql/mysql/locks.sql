SELECT t.PROCESSLIST_ID AS id, -- on mysql 5.7, mariadb 10.5
  m.OBJECT_NAME AS tbl, -- on mysql 5.7, mariadb 10.5
  m.LOCK_TYPE AS type, -- on mysql 5.7, mariadb 10.5
  m.LOCK_STATUS AS status, -- on mysql 5.7, mariadb 10.5
  t.PROCESSLIST_USER AS user, -- on mysql 5.7, mariadb 10.5
  t.PROCESSLIST_HOST AS host, -- on mysql 5.7, mariadb 10.5
  t.PROCESSLIST_COMMAND AS command, -- on mysql 5.7, mariadb 10.5
  t.PROCESSLIST_TIME AS age -- on mysql 5.7, mariadb 10.5
FROM performance_schema.metadata_locks m -- on mysql 5.7, mariadb 10.5
JOIN performance_schema.threads t ON t.THREAD_ID = m.OWNER_THREAD_ID -- on mysql 5.7, mariadb 10.5
WHERE m.OBJECT_TYPE = 'TABLE' AND m.OBJECT_SCHEMA = :db AND t.PROCESSLIST_ID <> CONNECTION_ID() -- on mysql 5.7, mariadb 10.5
