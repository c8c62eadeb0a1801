-- title: a materialised view moves to another schema
-- setup
CREATE SCHEMA reports;
CREATE TABLE sales (id bigserial PRIMARY KEY, day date NOT NULL, amount numeric(10,2) NOT NULL);
CREATE MATERIALIZED VIEW sales_by_day AS SELECT day, sum(amount) AS total FROM sales GROUP BY day;
CREATE UNIQUE INDEX sales_by_day_key ON sales_by_day (day);
-- rows
INSERT INTO sales (day, amount) SELECT date '2024-01-01' + i % 300, i FROM generate_series(1, 2000) AS i;
REFRESH MATERIALIZED VIEW sales_by_day;
-- wish
ALTER MATERIALIZED VIEW sales_by_day SET SCHEMA reports;
