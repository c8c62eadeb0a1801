SELECT t.trx_mysql_thread_id AS id,
  TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS age,
  p.USER AS user,
  p.HOST AS host,
  p.COMMAND AS command,
  p.STATE AS state
FROM information_schema.INNODB_TRX t
LEFT JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
WHERE t.trx_mysql_thread_id <> CONNECTION_ID()
