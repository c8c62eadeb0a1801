-- title: several words about one default: the last one counts
-- versions: 10 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, plan text DEFAULT 'x', score integer NOT NULL DEFAULT 1, city text);
-- rows
INSERT INTO accounts (plan, city) SELECT 'p' || i, 'c' FROM generate_series(1, 200) AS i;
-- wish
ALTER TABLE accounts ALTER COLUMN plan SET DEFAULT 'a', ALTER COLUMN plan SET DEFAULT 'b';
ALTER TABLE accounts ALTER COLUMN score DROP DEFAULT;
ALTER TABLE accounts ALTER COLUMN score SET DEFAULT 2;
ALTER TABLE accounts ALTER COLUMN city DROP NOT NULL;
ALTER TABLE accounts ALTER COLUMN city SET NOT NULL;
