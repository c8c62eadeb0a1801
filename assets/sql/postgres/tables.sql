-- One row per user table. Sizes and printed expressions wait for ACCESS EXCLUSIVE: a table under that lock is
-- sized by its page count, and here as in the other files its expressions stay empty.
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
       c.relpersistence::text = 'u' AS unlogged, pg_get_userbyid(c.relowner)::text AS owner,
       obj_description(c.oid, 'pg_class') AS comment, c.reloptions AS options, c.relrowsecurity AS row_security,
       CASE c.relreplident WHEN 'd' THEN 'default' WHEN 'f' THEN 'full' WHEN 'n' THEN 'nothing'
         WHEN 'i' THEN 'index ' || coalesce((SELECT ic.relname FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid
                                              WHERE i.indrelid = c.oid AND i.indisreplident), '?') END AS identity,
       c.relacl::text[] AS grants, c.reltuples::float8 AS tuples, c.relpages::int8 * current_setting('block_size')::int8 AS page_bytes,
       l.held AS locked,
       CASE WHEN c.relkind = 'r' AND NOT l.held THEN pg_relation_size(c.oid) END AS heap,
       CASE WHEN c.relkind = 'r' AND NOT l.held AND c.reltoastrelid <> 0 THEN pg_total_relation_size(c.reltoastrelid) END AS toast,
       pg_stat_get_live_tuples(c.oid) AS live, pg_stat_get_dead_tuples(c.oid) AS dead,
       pg_stat_get_tuples_inserted(c.oid) AS inserts, pg_stat_get_tuples_updated(c.oid) AS updates,
       pg_stat_get_tuples_hot_updated(c.oid) AS hot_updates, pg_stat_get_tuples_deleted(c.oid) AS deletes,
       pg_stat_get_numscans(c.oid) AS seq_scans, s.counted_for,
       CASE WHEN c.relkind = 'r' THEN age(c.relfrozenxid)::int8 END AS xid_age,
       to_char(greatest(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS vacuumed,
       to_char(greatest(pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS analyzed,
       CASE WHEN c.relkind = 'p' THEN CASE WHEN l.held THEN '' ELSE pg_get_partkeydef(c.oid) END END AS partition_key,
       p.partattrs::int2[] AS partition_columns,
       inh.inhparent AS parent,
       CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, 0) END AS bounds,
       -- A column of 14 and later; as JSON it may be missing.
       coalesce((to_jsonb(inh) ->> 'inhdetachpending')::bool, false) AS detach_pending
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_partitioned_table p ON p.partrelid = c.oid
  LEFT JOIN pg_inherits inh ON inh.inhrelid = c.oid AND inh.inhseqno = 1
 CROSS JOIN LATERAL (SELECT c.oid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
                         OR c.reltoastrelid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL) AS held) l
 -- Counters live since the last reset. From 15 on a database that was never reset has no time of its own:
 -- the cluster-wide statistics, reset together with it by a crash or at the start, stand in.
 CROSS JOIN (SELECT extract(epoch FROM clock_timestamp() - coalesce(
                      (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()),
                      (SELECT least(b.stats_reset, a.stats_reset) FROM pg_stat_bgwriter b, pg_stat_archiver a)))::float8 AS counted_for) s
 WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
