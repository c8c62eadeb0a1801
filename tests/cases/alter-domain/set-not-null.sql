-- title: a domain becomes NOT NULL
-- versions: 10 12 15 18
-- stats: public.people rows=40000000 heap=6GB writes=200
-- value: mail = 'm{n}@example.org'
-- value: other = 'o{n}@example.org'
-- differs: type DataType
-- differs: constraint
-- differs: 10 11 people.mail: public.email
-- setup
CREATE DOMAIN email AS text CONSTRAINT email_at CHECK (VALUE ~ '@');
CREATE TABLE people (id bigserial PRIMARY KEY, mail email, other email NOT NULL);
CREATE UNIQUE INDEX people_mail ON people (mail);
-- rows
INSERT INTO people (mail, other) SELECT 'a' || i || '@b', 'x@y' FROM generate_series(1, 1000) AS i;
-- wish
ALTER DOMAIN email SET NOT NULL;
