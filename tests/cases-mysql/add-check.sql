-- title: A CHECK
-- base: shop
-- unplanned: mysql-5.6
-- value: users.age = 1 + {n} % 90
-- wish
ALTER TABLE users ADD CONSTRAINT users_age CHECK (age > 0);
