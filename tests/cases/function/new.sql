-- title: new functions of two languages, one with a default argument
-- versions: 10 14 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, changed_at timestamptz);
-- rows
INSERT INTO accounts (email, score) SELECT 'a' || i, i % 7 FROM generate_series(1, 500) AS i;
-- wish
CREATE FUNCTION score_of(account bigint, fallback integer DEFAULT 0) RETURNS integer LANGUAGE sql STABLE AS 'SELECT coalesce(score, fallback) FROM accounts WHERE id = account';
CREATE FUNCTION "Odd name"(a text) RETURNS SETOF accounts LANGUAGE plpgsql STRICT SECURITY DEFINER SET search_path = public AS $f$ BEGIN RETURN QUERY SELECT * FROM accounts WHERE email = a; END $f$;
