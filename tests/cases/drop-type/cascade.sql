-- title: CASCADE would drop columns
-- versions: 15
-- refused: with CASCADE would drop whatever is of that type
-- setup
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE people (id bigserial PRIMARY KEY, mood mood);
-- wish
DROP TYPE mood CASCADE;
