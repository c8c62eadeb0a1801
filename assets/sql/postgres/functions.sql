-- User functions with their text, and rows without a schema: the bare names of every function that SQL can call, by
-- volatility (x: overloads differ), and operators and casts with a volatile function behind them.
SELECT n.nspname::text AS schema, p.proname::text AS name, pg_get_function_identity_arguments(p.oid) AS arguments,
       l.lanname::text AS language, p.provolatile::text AS volatility, p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AS for_trigger,
       p.prosrc AS body, NULL::text[] AS names,
       (SELECT array_agg(DISTINCT d.refobjid) FROM pg_depend d
         WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass) AS depends,
       NULL::text AS uses, pg_get_functiondef(p.oid) AS definition -- before 14
       (SELECT json_agg(json_build_object('table', u.refobjid::int8, 'columns', u.columns)) -- since 14
          FROM (SELECT d.refobjid, array_agg(d.refobjsubid) AS columns FROM pg_depend d -- since 14
                 WHERE p.prosqlbody IS NOT NULL AND d.classid = 'pg_proc'::regclass AND d.objid = p.oid -- since 14
                   AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 GROUP BY d.refobjid) u)::text AS uses, -- since 14
       CASE WHEN p.prosqlbody IS NOT NULL -- since 14
             AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass -- since 14
              AND d.refobjid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)) THEN '' -- since 14
            ELSE pg_get_functiondef(p.oid) END AS definition -- since 14
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND p.prokind IN ('f', 'p') -- since 11
   AND NOT p.proisagg AND NOT p.proiswindow -- before 11
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL
SELECT NULL, NULL, NULL, NULL, w.worst, NULL, NULL, array_agg(w.proname ORDER BY w.proname), NULL, NULL, NULL
  FROM (SELECT p.proname::text, CASE max(CASE p.provolatile WHEN 'v' THEN 3 WHEN 's' THEN 2 ELSE 1 END)
                                    WHEN 3 THEN CASE WHEN bool_and(p.provolatile = 'v') THEN 'v' ELSE 'x' END WHEN 2 THEN 's' ELSE 'i' END AS worst
          FROM pg_proc p
         WHERE p.prorettype NOT IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype, 'language_handler'::regtype, 'fdw_handler'::regtype)
           AND NOT ('internal'::regtype = ANY (p.proargtypes)) AND NOT ('cstring'::regtype = ANY (p.proargtypes))
         GROUP BY p.proname) w
 GROUP BY w.worst
UNION ALL
SELECT NULL, NULL, NULL, NULL, 'o', NULL, NULL, array_agg(DISTINCT o.oprname::text), NULL, NULL, NULL
  FROM pg_operator o JOIN pg_proc p ON p.oid = o.oprcode WHERE p.provolatile = 'v' HAVING count(*) > 0
UNION ALL
SELECT NULL, NULL, NULL, NULL, 'c', NULL, NULL, array_agg(DISTINCT t.typname::text), NULL, NULL, NULL
  FROM pg_cast c JOIN pg_proc p ON p.oid = c.castfunc JOIN pg_type t ON t.oid = c.casttarget WHERE p.provolatile = 'v' HAVING count(*) > 0
