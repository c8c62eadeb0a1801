-- title: a CHECK that is not enforced reads nothing
-- versions: 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, balance integer NOT NULL);
-- rows
INSERT INTO accounts (balance) SELECT i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts ADD CONSTRAINT accounts_balance CHECK (balance >= 0) NOT ENFORCED;
