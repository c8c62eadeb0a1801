SELECT OBJECT_NAME AS tbl, COUNT_INSERT AS inserts, COUNT_UPDATE AS updates, COUNT_DELETE AS deletes
FROM performance_schema.table_io_waits_summary_by_table
WHERE OBJECT_SCHEMA = :db
