-- title: NOT NULL by a constraint with a name
-- versions: 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text, balance integer);
-- rows
INSERT INTO accounts (email, balance) SELECT 'a' || i, i FROM generate_series(1, 500) AS i;
-- wish
ALTER TABLE accounts ADD CONSTRAINT accounts_email_there NOT NULL email;
