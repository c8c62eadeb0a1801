-- One row per column of a user table, in the table's own order. A default has no column in it, so it is printed
-- without a table: that takes no lock and is faster.
SELECT a.attrelid AS "table", a.attnum AS number, a.attname::text AS name, format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, a.attidentity::text AS identity,
       pg_get_expr(d.adbin, 0) AS expression, -- before 12
       CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, 0) -- since 12
            WHEN a.attrelid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL) THEN '' -- since 12
            ELSE pg_get_expr(d.adbin, d.adrelid) END AS expression, -- since 12
       a.attgenerated::text AS generated, -- since 12
       '' AS generated, -- before 12
       CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
            THEN quote_ident(cn.nspname) || '.' || quote_ident(co.collname) END AS collation,
       CASE WHEN a.attstorage <> t.typstorage
            THEN CASE a.attstorage WHEN 'p' THEN 'plain' WHEN 'm' THEN 'main' WHEN 'e' THEN 'external' ELSE 'extended' END END AS storage,
       CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END AS compression, -- since 14
       NULL::text AS compression, -- before 14
       nullif(a.attstattarget, -1)::int4 AS statistics, a.attoptions::text[] AS options, ds.description AS comment, a.attacl::text[] AS grants
  FROM pg_attribute a
  JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
  LEFT JOIN pg_namespace cn ON cn.oid = co.collnamespace
  LEFT JOIN pg_description ds ON ds.classoid = 'pg_class'::regclass AND ds.objoid = a.attrelid AND ds.objsubid = a.attnum
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY a.attrelid, a.attnum
