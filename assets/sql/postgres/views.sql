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
