-- title: a condition more for a domain that two tables use, one of them partitioned
-- versions: 10 12 15 18
-- stats: public.products rows=40000000 heap=6GB writes=200
-- stats: public.offers rows=900000 heap=100MB writes=20
-- value: price = 1 + {n} % 1000
-- value: was = 1 + {n} % 1000
-- value: day = date '2026-01-05'
-- differs: domain
-- differs: type DataType
-- differs: constraint
-- setup
CREATE DOMAIN price AS numeric(10,2) CONSTRAINT price_small CHECK (VALUE < 1000000);
CREATE TABLE products (id bigserial PRIMARY KEY, name text NOT NULL, price price NOT NULL, was price);
CREATE TABLE offers (id bigint, day date, "Price" price) PARTITION BY RANGE (day);
CREATE TABLE offers_2026 PARTITION OF offers FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
-- rows
INSERT INTO products (name, price) SELECT 'p' || i, i FROM generate_series(1, 1000) AS i;
INSERT INTO offers SELECT i, '2026-01-05', i FROM generate_series(1, 300) AS i;
-- wish
ALTER DOMAIN price ADD CONSTRAINT price_positive CHECK (VALUE > 0);
-- compare
SELECT NOT convalidated FROM pg_constraint WHERE conname = 'price_positive';
SELECT count(*) = 2 AND bool_and(convalidated) FROM pg_constraint WHERE conrelid = 'products'::regclass AND contype = 'c';
