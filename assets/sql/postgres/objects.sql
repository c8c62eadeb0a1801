-- Sequences, enum types, row types, domains and extensions: one JSON object per row, told apart by `kind`.
SELECT 'sequence' AS kind, n.nspname::text AS schema, c.relname::text AS name, json_build_object(
         'type', format_type(s.seqtypid, NULL), 'max', s.seqmax,
         'options', json_build_array(
           CASE WHEN s.seqincrement <> 1 THEN format('INCREMENT BY %s', s.seqincrement) END,
           CASE WHEN s.seqincrement > 0 AND s.seqmin <> 1 OR s.seqincrement < 0 AND s.seqmin <> (
             CASE s.seqtypid WHEN 21 THEN -32768 WHEN 23 THEN -2147483648 ELSE -9223372036854775808 END)
             THEN format('MINVALUE %s', s.seqmin) END,
           CASE WHEN s.seqincrement < 0 AND s.seqmax <> -1 OR s.seqincrement > 0 AND s.seqmax <> (
             CASE s.seqtypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END)
             THEN format('MAXVALUE %s', s.seqmax) END,
           CASE WHEN s.seqstart <> CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END
             THEN format('START WITH %s', s.seqstart) END,
           CASE WHEN s.seqcache <> 1 THEN format('CACHE %s', s.seqcache) END,
           CASE WHEN s.seqcycle THEN 'CYCLE' END),
         'readable', has_sequence_privilege(c.oid, 'USAGE, SELECT'),
         -- A standby does not replicate unlogged sequences: reading one there is an error.
         'last', CASE WHEN has_sequence_privilege(c.oid, 'USAGE, SELECT') AND NOT (c.relpersistence = 'u' AND pg_is_in_recovery())
                       AND c.oid NOT IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
                 THEN pg_sequence_last_value(c.oid) END,
         'owner', (SELECT json_build_object('schema', tn.nspname, 'table', t.relname, 'column', a.attname)
                     FROM pg_depend d
                     JOIN pg_class t ON t.oid = d.refobjid
                     JOIN pg_namespace tn ON tn.oid = t.relnamespace
                     JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
                    WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
                      AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i') LIMIT 1))::text AS body
  FROM pg_sequence s
  JOIN pg_class c ON c.oid = s.seqrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT 'enum', n.nspname::text, t.typname::text, json_build_object('labels',
         (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
         'owner', pg_get_userbyid(t.typowner), 'comment', obj_description(t.oid, 'pg_type'))::text
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typtype = 'e' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT 'domain', n.nspname::text, t.typname::text, json_build_object('base', format_type(t.typbasetype, t.typtypmod),
         'not_null', t.typnotnull, 'default', t.typdefault, 'checks',
         (SELECT json_agg(pg_get_constraintdef(k.oid) ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
         'constraints',
         (SELECT json_agg(k.conname ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'),
         'owner', pg_get_userbyid(t.typowner), 'comment', obj_description(t.oid, 'pg_type'))::text
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typtype = 'd' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT 'composite', n.nspname::text, t.typname::text, json_build_object('attributes',
         (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
            FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped),
         'owner', pg_get_userbyid(t.typowner), 'comment', obj_description(t.oid, 'pg_type'))::text
  FROM pg_type t JOIN pg_class r ON r.oid = t.typrelid AND r.relkind = 'c' JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE t.typtype = 'c' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
UNION ALL
SELECT 'extension', n.nspname::text, e.extname::text, json_build_object('version', e.extversion)::text
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
