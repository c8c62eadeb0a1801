-- title: text to an enum that the script makes, with its default
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- differs: 18 undo _not_null
-- differs: undo accounts.plan at
-- value: plan text = (ARRAY['free', 'team'])[1 + {n} % 2]
-- value: plan account_plan = (ARRAY['free', 'team'])[1 + {n} % 2]::account_plan
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, plan text NOT NULL DEFAULT 'free');
CREATE INDEX accounts_plan ON accounts (plan);
-- rows
INSERT INTO accounts (email, plan) SELECT 'a' || i, CASE WHEN i % 5 = 0 THEN 'team' ELSE 'free' END FROM generate_series(1, 1500) AS i;
-- wish
CREATE TYPE account_plan AS ENUM ('free', 'team', 'company');
ALTER TABLE accounts ALTER COLUMN plan DROP DEFAULT, ALTER COLUMN plan TYPE account_plan USING plan::account_plan;
ALTER TABLE accounts ALTER COLUMN plan SET DEFAULT 'free';
