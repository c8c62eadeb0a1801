-- One row: who the server is, and the settings as this session found them.
-- Runs before the timeouts are set: it reads no user table and takes no lock that DDL holds.
SELECT pg_catalog.current_database()::text AS database,
       to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS captured_at,
       current_setting('server_version') AS version,
       version() AS banner,
       pg_is_in_recovery() AS standby,
       EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = 'aurora_version') AS aurora,
       EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname IN ('rds_superuser')) AS rds,
       (SELECT coalesce(json_agg(DISTINCT split_part(name, '.', 1)), '[]') FROM pg_catalog.pg_settings WHERE name LIKE '%.%') AS prefixes,
       (SELECT coalesce(json_agg(rolname), '[]') FROM pg_catalog.pg_roles
         WHERE rolname IN ('supabase_admin', 'azure_pg_admin', 'cloudsqlsuperuser', 'alloydbsuperuser', 'neon_superuser', 'doadmin')) AS roles,
       (SELECT json_object_agg(name, current_setting(name)) FROM pg_catalog.pg_settings WHERE name IN (
          'autovacuum', 'autovacuum_freeze_max_age', 'autovacuum_max_workers', 'block_size', 'checkpoint_timeout',
          'data_checksums', 'deadlock_timeout', 'default_transaction_isolation', 'effective_io_concurrency',
          'hot_standby_feedback', 'idle_in_transaction_session_timeout', 'lock_timeout', 'maintenance_work_mem',
          'max_connections', 'max_locks_per_transaction', 'max_parallel_maintenance_workers', 'max_parallel_workers',
          'max_prepared_transactions', 'max_replication_slots', 'max_slot_wal_keep_size', 'max_standby_streaming_delay',
          'max_wal_senders', 'max_wal_size', 'max_worker_processes', 'server_encoding', 'server_version',
          'session_replication_role', 'shared_buffers', 'statement_timeout', 'synchronous_commit',
          'synchronous_standby_names', 'TimeZone', 'track_counts', 'transaction_timeout', 'vacuum_cost_delay',
          'vacuum_cost_limit', 'wal_compression', 'wal_level', 'work_mem')) AS settings
