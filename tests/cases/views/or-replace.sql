-- title: a view shows one column more, another gets another condition; a view stands over it
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE, fullname text, score integer);
CREATE VIEW best AS SELECT id, score FROM accounts WHERE score > 3;
CREATE VIEW very_best AS SELECT id FROM best WHERE score > 5;
CREATE VIEW named AS SELECT id FROM accounts WHERE fullname IS NOT NULL;
-- rows
INSERT INTO accounts (email, fullname, score) SELECT 'a' || i, 'n' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
CREATE OR REPLACE VIEW best AS SELECT id, score, email FROM accounts WHERE score > 3;
CREATE OR REPLACE VIEW named AS SELECT id FROM accounts WHERE email IS NOT NULL;
