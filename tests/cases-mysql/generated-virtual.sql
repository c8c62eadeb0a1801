-- title: A virtual column, and an index over it
-- base: shop
-- unplanned: mysql-5.6
-- wish
ALTER TABLE users ADD COLUMN mail_domain VARCHAR(100) GENERATED ALWAYS AS (SUBSTRING_INDEX(email, '@', -1)) VIRTUAL;
ALTER TABLE users ADD INDEX users_domain (mail_domain);
