-- title: A JSON column with a default
-- base: shop
-- value: users.extra = '{"n": {n}}'
-- unplanned: mysql-5.6
-- wish
ALTER TABLE users ADD COLUMN extra JSON;
