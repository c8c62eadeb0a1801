-- Triggers, policies, extended statistics and publications: one JSON object per row, told apart by `kind`.
SELECT 'trigger' AS kind, t.tgrelid AS "table", json_build_object(
         'name', t.tgname, 'definition', CASE WHEN t.tgqual IS NOT NULL AND t.tgrelid IN
           (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
           THEN '' ELSE pg_get_triggerdef(t.oid) END, 'schema', fn.nspname, 'function', f.proname,
         'enabled', CASE t.tgenabled WHEN 'O' THEN 'origin' WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' ELSE 'always' END,
         'on_update', (t.tgtype::int4 & 16) <> 0, 'comment', obj_description(t.oid, 'pg_trigger'),
         'columns', (SELECT json_agg(DISTINCT d.refobjsubid) FROM pg_depend d
                      WHERE d.classid = 'pg_trigger'::regclass AND d.objid = t.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.tgrelid AND d.refobjsubid > 0))::text AS body
  FROM pg_trigger t
  JOIN pg_proc f ON f.oid = t.tgfoid
  JOIN pg_namespace fn ON fn.oid = f.pronamespace
 WHERE NOT t.tgisinternal
UNION ALL
SELECT 'policy', p.polrelid, json_build_object(
         'name', p.polname, 'permissive', p.polpermissive, 'comment', obj_description(p.oid, 'pg_policy'),
         'command', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
         'using', CASE WHEN NOT l.held THEN pg_get_expr(p.polqual, p.polrelid) END,
         'check', CASE WHEN NOT l.held THEN pg_get_expr(p.polwithcheck, p.polrelid) END,
         'roles', (SELECT json_agg(CASE WHEN o.role = 0 THEN 'public' ELSE pg_get_userbyid(o.role)::text END) FROM unnest(p.polroles) o(role)),
         'columns', (SELECT json_agg(DISTINCT d.refobjsubid) FROM pg_depend d
                      WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = p.polrelid AND d.refobjsubid > 0))::text
  FROM pg_policy p
 CROSS JOIN LATERAL (SELECT p.polrelid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL) AS held) l
UNION ALL
SELECT 'statistics', s.stxrelid, json_build_object(
         'schema', n.nspname, 'name', s.stxname, 'definition', pg_get_statisticsobjdef(s.oid),
         'target', nullif(s.stxstattarget, -1), -- since 13
         'owner', pg_get_userbyid(s.stxowner), 'comment', obj_description(s.oid, 'pg_statistic_ext'),
         'columns', (SELECT json_agg(DISTINCT d.refobjsubid) FROM pg_depend d
                      WHERE d.classid = 'pg_statistic_ext'::regclass AND d.objid = s.oid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = s.stxrelid AND d.refobjsubid > 0))::text
  FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
UNION ALL
SELECT 'publication', 0::oid, json_build_object('name', b.pubname, 'all_tables', b.puballtables, 'tables', (
         SELECT json_agg(json_build_object('table', r.prrelid::int8
                , 'columns', r.prattrs::int2[], 'filter', -- since 15
                CASE WHEN r.prqual IS NOT NULL AND r.prrelid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL) -- since 15
                     THEN '' ELSE pg_get_expr(r.prqual, r.prrelid) END -- since 15
                )) FROM pg_publication_rel r WHERE r.prpubid = b.oid)
         , 'schemas', (SELECT json_agg(s.pnnspid::regnamespace::text) FROM pg_publication_namespace s WHERE s.pnpubid = b.oid) -- since 15
         )::text
  FROM pg_publication b
