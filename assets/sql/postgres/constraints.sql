-- One row per table constraint. A foreign key that points at a partitioned table has one internal copy per
-- partition of it on the same table: those are left out.
SELECT k.conrelid AS "table", k.conname::text AS name, k.contype::text AS kind, k.conkey AS columns,
       CASE WHEN k.contype IN ('c', 'x') AND k.conrelid IN (SELECT relation FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation IS NOT NULL)
            THEN '' ELSE pg_get_constraintdef(k.oid) END AS definition, k.convalidated AS valid, k.condeferrable AS deferrable,
       obj_description(k.oid, 'pg_constraint') AS comment,
       k.conenforced AS enforced, -- since 18
       true AS enforced, -- before 18
       rn.nspname::text AS ref_schema, r.relname::text AS ref_name,
       (SELECT array_agg(a.attname::text ORDER BY f.place) FROM unnest(k.confkey) WITH ORDINALITY f(number, place)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = f.number) AS ref_columns
  FROM pg_constraint k
  JOIN pg_class c ON c.oid = k.conrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_class r ON r.oid = k.confrelid
  LEFT JOIN pg_namespace rn ON rn.oid = r.relnamespace
  LEFT JOIN pg_constraint up ON up.oid = k.conparentid -- since 11
 WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   AND k.contype IN ('p', 'u', 'f', 'c', 'n', 'x', 't')
   AND (up.oid IS NULL OR up.conrelid <> k.conrelid) -- since 11
