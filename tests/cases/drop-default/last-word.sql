-- title: a default that is set and dropped again, and a NOT NULL that is set and dropped again
-- versions: 15
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, plan text DEFAULT 'x', city text);
-- rows
INSERT INTO accounts (plan, city) SELECT 'p' || i, 'c' FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN plan SET DEFAULT 'a';
ALTER TABLE accounts ALTER COLUMN plan DROP DEFAULT;
ALTER TABLE accounts ALTER COLUMN city SET NOT NULL;
ALTER TABLE accounts ALTER COLUMN city DROP NOT NULL;
