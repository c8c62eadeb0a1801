-- What runs beside us: subscriptions, slots, replicas, long and prepared transactions, how far wraparound is; JSON rows told apart by `kind`.
-- `$1` is the age in seconds from which a transaction is long.
SELECT 'subscription' AS kind, json_build_object('name', s.subname, 'enabled', s.subenabled)::text AS body
  FROM pg_subscription s
 WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
-- next part
SELECT 'slot' AS kind, json_build_object('name', slot_name, 'kind', slot_type, 'active', active,
         'retained', pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn))::text AS body
  FROM pg_replication_slots
-- next part
SELECT 'replica' AS kind, json_build_object('name', coalesce(nullif(application_name, ''), client_addr::text, pid::text),
         'state', state, 'bytes', pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, replay_lsn),
         'seconds', extract(epoch FROM replay_lag))::text AS body
  FROM pg_stat_replication
-- next part
SELECT 'transaction' AS kind, json_build_object(
         'kind', CASE WHEN a.query ILIKE 'autovacuum:%to prevent wraparound%' THEN 'wraparound' ELSE 'session' END,
         'pid', a.pid, 'age', extract(epoch FROM clock_timestamp() - a.xact_start), 'state', a.state, 'user', a.usename,
         'application', nullif(a.application_name, ''),
         'tables', (SELECT json_agg(DISTINCT l.relation::int8) FROM pg_locks l
                     WHERE l.pid = a.pid AND l.locktype = 'relation' AND l.granted AND l.database = a.datid))::text AS body
  FROM pg_stat_activity a
 WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
   AND (clock_timestamp() - a.xact_start >= $1 * interval '1 second' OR a.query ILIKE 'autovacuum:%to prevent wraparound%')
-- next part
SELECT 'wraparound' AS kind, json_build_object('xid', age(datfrozenxid), 'multixact', mxid_age(datminmxid))::text AS body
  FROM pg_database
 WHERE datname = current_database()
-- next part
SELECT 'hidden' AS kind, json_build_object('sessions', count(*))::text AS body
  FROM pg_stat_activity a
 WHERE a.datname = current_database() AND a.query = '<insufficient privilege>'
-- next part
SELECT 'transaction' AS kind, json_build_object(
         'kind', 'prepared', 'age', extract(epoch FROM clock_timestamp() - p.prepared), 'user', p.owner, 'application', p.gid,
         'tables', (SELECT json_agg(DISTINCT l.relation::int8) FROM pg_locks l
                     WHERE l.locktype = 'relation' AND l.granted AND l.pid IS NULL AND l.virtualtransaction =
                             (SELECT x.virtualtransaction FROM pg_locks x
                               WHERE x.locktype = 'transactionid' AND x.transactionid = p.transaction AND x.pid IS NULL LIMIT 1)))::text AS body
  FROM pg_prepared_xacts p
 WHERE p.database = current_database()
