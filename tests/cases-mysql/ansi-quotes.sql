-- title: Names in double quotes, as ANSI_QUOTES reads them
-- base: shop
-- offline: the servers of the tests have another sql_mode
-- setting: sql_mode=ANSI_QUOTES,STRICT_TRANS_TABLES
-- wish
ALTER TABLE "users" ADD COLUMN "order" INT;
