-- title: two checks, one without a name
-- versions: 10 12 18
-- value: score = {n} % 5
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE accounts ADD CONSTRAINT score_is_small CHECK (score < 10), ADD CHECK (length(email) > 1);
