SELECT ID AS id, USER AS user, HOST AS host, COMMAND AS command, STATE AS state, TIME AS age
FROM information_schema.PROCESSLIST
WHERE COMMAND LIKE 'Binlog Dump%' OR STATE LIKE 'Waiting for table metadata lock%'
