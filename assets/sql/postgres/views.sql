-- Views, materialised views and rules, with the relations and columns that they read. A view over a table under
-- ACCESS EXCLUSIVE has no definition here, since printing it waits for that lock.
WITH reads AS (
  SELECT w.oid AS rule, bool_or(r.oid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)) AS locked,
         json_agg(json_build_object('schema', n.nspname, 'name', r.relname, 'columns', u.columns)) AS uses
    FROM pg_rewrite w
    JOIN LATERAL (SELECT d.refobjid, json_agg(a.attname ORDER BY a.attnum) FILTER (WHERE a.attnum > 0) AS columns
                    FROM pg_depend d
                    LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND d.refobjsubid > 0
                   WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
                     AND (w.rulename <> '_RETURN' OR d.refobjid <> w.ev_class)
                   GROUP BY d.refobjid) u ON true
    JOIN pg_class r ON r.oid = u.refobjid
    JOIN pg_namespace n ON n.oid = r.relnamespace AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   GROUP BY w.oid)
SELECT n.nspname::text AS schema,
       CASE WHEN w.rulename = '_RETURN' THEN c.relname ELSE w.rulename END::text AS name,
       CASE WHEN w.rulename <> '_RETURN' THEN 'r' ELSE c.relkind::text END AS kind,
       CASE WHEN coalesce(q.locked, false) THEN NULL WHEN w.rulename = '_RETURN' THEN pg_get_viewdef(c.oid) ELSE pg_get_ruledef(w.oid) END AS definition,
       CASE WHEN w.rulename = '_RETURN' THEN
         (SELECT json_agg(json_build_object('name', a.attname, 'data_type', format_type(a.atttypid, a.atttypmod),
                                            'comment', col_description(c.oid, a.attnum), 'default', pg_get_expr(ad.adbin, 0), 'grants', coalesce(a.attacl::text[], '{}')) ORDER BY a.attnum)
            FROM pg_attribute a LEFT JOIN pg_attrdef ad ON ad.adrelid = c.oid AND ad.adnum = a.attnum
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END::text AS columns,
       CASE WHEN w.rulename = '_RETURN' THEN
         (SELECT json_agg(json_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid), 'schema', fn.nspname, 'function', f.proname,
                   'enabled', CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END,
                   'on_update', (t.tgtype::int4 & 16) <> 0, 'comment', obj_description(t.oid, 'pg_trigger')) ORDER BY t.tgname)
            FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace fn ON fn.oid = f.pronamespace
           WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) END::text AS triggers,
       CASE WHEN w.rulename <> '_RETURN' THEN c.relname END::text AS rule_on,
       CASE WHEN w.rulename = '_RETURN' THEN
         (SELECT array_agg(DISTINCT pg_describe_object(d.classid, d.objid, d.objsubid))
            FROM (VALUES ('pg_class'::regclass, c.oid), ('pg_type'::regclass, c.reltype),
                         ('pg_type'::regclass, (SELECT y.typarray FROM pg_type y WHERE y.oid = c.reltype))) k(class, id)
            JOIN pg_depend d ON d.refclassid = k.class AND d.refobjid = k.id
           WHERE d.deptype = 'n' AND d.classid NOT IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_attrdef'::regclass)) END AS held_by,
       c.relkind = 'm' AND c.relispopulated AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND i.indisvalid
         AND i.indpred IS NULL AND i.indexprs IS NULL) AS concurrently,
       CASE WHEN c.relkind = 'm' THEN json_build_object('populated', c.relispopulated,
         'tablespace', (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace),
         'access_method', (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'), -- since 12
         'columns', (SELECT coalesce(json_agg(json_build_object('name', a.attname, 'statistics', nullif(a.attstattarget, -1), 'options', coalesce(a.attoptions::text[], '{}'),
                       'compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END, -- since 14
                       'storage', CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external' ELSE 'extended' END END) ORDER BY a.attnum), '[]')
                       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = c.oid AND a.attnum > 0),
         'measured', (SELECT coalesce(json_agg(json_build_object('schema', sn.nspname, 'name', s.stxname, 'definition', pg_get_statisticsobjdef(s.oid),
                          'target', nullif(s.stxstattarget, -1), -- since 13
                          'owner', pg_get_userbyid(s.stxowner), 'comment', obj_description(s.oid, 'pg_statistic_ext'),
                          'reads', (SELECT coalesce(json_agg(DISTINCT a.attname), '[]') FROM pg_depend d JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
                                       WHERE d.classid = 'pg_statistic_ext'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0)) ORDER BY s.stxname), '[]')
                          FROM pg_statistic_ext s JOIN pg_namespace sn ON sn.oid = s.stxnamespace WHERE s.stxrelid = c.oid),
         'indexes', (SELECT coalesce(json_agg(json_build_object('name', ic.relname, 'definition', CASE WHEN l.held THEN '' ELSE pg_get_indexdef(i.indexrelid) END, 'method', im.amname,
                       'keys', (SELECT coalesce(json_agg(a.attname ORDER BY u.place), '[]') FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place)
                                  LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number WHERE u.place <= k.count),
                       'include', (SELECT coalesce(json_agg(a.attname ORDER BY u.place), '[]') FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, place)
                                     JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number WHERE u.place > k.count),
                       'uses', (SELECT coalesce(json_agg(DISTINCT a.attname), '[]') FROM pg_depend d JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.refobjsubid
                                 WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid > 0),
                       'has_expressions', i.indexprs IS NOT NULL, 'predicate', CASE WHEN NOT l.held THEN pg_get_expr(i.indpred, i.indrelid) END, 'unique', i.indisunique,
                       'valid', i.indisvalid, 'ready', i.indisready, 'comment', obj_description(i.indexrelid, 'pg_class'), 'clustered', i.indisclustered,
                       'bytes', CASE WHEN l.held THEN ic.relpages::int8 * current_setting('block_size')::int8 ELSE pg_relation_size(i.indexrelid) END, 'scans', pg_stat_get_numscans(i.indexrelid),
                       'tablespace', (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = ic.reltablespace),
                       'statistics', (SELECT coalesce(json_agg(json_build_array(x.attnum, x.attstattarget) ORDER BY x.attnum), '[]') FROM pg_attribute x WHERE x.attrelid = i.indexrelid AND x.attstattarget >= 0)) ORDER BY ic.relname), '[]')
                       FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am im ON im.oid = ic.relam
                      CROSS JOIN LATERAL (SELECT i.indnkeyatts AS count) k -- since 11
                      CROSS JOIN LATERAL (SELECT i.indnatts AS count) k -- before 11
                      CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IN (c.oid, i.indexrelid)) AS held) l
                      WHERE i.indrelid = c.oid))::text END AS stored,
       q.uses::text AS uses, pg_get_userbyid(c.relowner)::text AS owner, c.reloptions AS options, c.relacl::text[] AS grants,
       CASE WHEN w.rulename = '_RETURN' THEN obj_description(c.oid, 'pg_class') ELSE obj_description(w.oid, 'pg_rewrite') END AS comment,
       CASE WHEN c.relkind <> 'm' THEN 0
            WHEN c.oid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
            THEN c.relpages::int8 * current_setting('block_size')::int8 ELSE pg_total_relation_size(c.oid) END AS bytes
  FROM pg_rewrite w
  JOIN pg_class c ON c.oid = w.ev_class
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN reads q ON q.rule = w.oid
 WHERE c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
