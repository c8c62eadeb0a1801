SELECT SUBSTRING_INDEX(SUBSTRING_INDEX(table_name, '#P#', 1), '#p#', 1) AS tbl, index_name AS name, SUM(stat_value) * @@GLOBAL.innodb_page_size AS bytes
FROM mysql.innodb_index_stats
WHERE database_name = :db AND stat_name = 'size' GROUP BY 1, 2
