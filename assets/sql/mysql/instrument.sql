SELECT ENABLED AS enabled -- on mysql 5.7, mariadb 10.5
FROM performance_schema.setup_instruments WHERE NAME = 'wait/lock/metadata/sql/mdl' -- on mysql 5.7, mariadb 10.5
