SELECT OBJECT_NAME AS tbl, INDEX_NAME AS name, COUNT_FETCH AS scans
FROM performance_schema.table_io_waits_summary_by_index_usage
WHERE OBJECT_SCHEMA = :db AND INDEX_NAME IS NOT NULL
