-- One row per index of a user table. Columns come as attribute numbers: 0 is an expression.
SELECT i.indrelid AS "table", ic.relname::text AS name, CASE WHEN l.held THEN '' ELSE pg_get_indexdef(i.indexrelid) END AS definition, am.amname::text AS method,
       i.indkey::int2[] AS keys,
       i.indnkeyatts AS key_count, -- since 11
       i.indnatts AS key_count, -- before 11
       i.indexprs IS NOT NULL AS has_expressions, CASE WHEN l.held AND i.indpred IS NOT NULL THEN '' WHEN NOT l.held THEN pg_get_expr(i.indpred, i.indrelid) END AS predicate,
       CASE WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN
         (SELECT array_agg(DISTINCT d.refobjsubid) FROM pg_depend d
           WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
             AND d.refclassid = 'pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid > 0) END AS depends,
       i.indisunique AS is_unique, i.indisprimary AS is_primary, i.indisvalid AS valid, i.indisready AS ready,
       CASE WHEN ic.relkind <> 'i' THEN 0
            WHEN l.held OR i.indexrelid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
            THEN ic.relpages::int8 * current_setting('block_size')::int8
            ELSE pg_relation_size(i.indexrelid) END AS bytes,
       pg_stat_get_numscans(i.indexrelid) AS scans, obj_description(i.indexrelid, 'pg_class') AS comment,
       (SELECT s.spcname::text FROM pg_tablespace s WHERE s.oid = ic.reltablespace) AS tablespace, i.indisclustered AS clustered,
       (SELECT array_agg(x.attnum ORDER BY x.attnum) FROM pg_attribute x WHERE x.attrelid = i.indexrelid AND x.attstattarget >= 0) AS measured,
       (SELECT array_agg(x.attstattarget::int4 ORDER BY x.attnum) FROM pg_attribute x WHERE x.attrelid = i.indexrelid AND x.attstattarget >= 0) AS targets,
       (SELECT k.conname::text FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x') LIMIT 1) AS "constraint"
  FROM pg_index i
  JOIN pg_class ic ON ic.oid = i.indexrelid
  JOIN pg_am am ON am.oid = ic.relam
  JOIN pg_class c ON c.oid = i.indrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 CROSS JOIN LATERAL (SELECT c.oid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL) AS held) l
 WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
