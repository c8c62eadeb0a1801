-- title: operator classes, collations, INCLUDE, storage options, gin, brin, expressions, a predicate
-- versions: 11 12 15 18
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL, score integer, tags text[], data jsonb, made_at timestamp NOT NULL DEFAULT now());
-- rows
INSERT INTO accounts (email, score, tags, data) SELECT 'a' || i, i % 7, ARRAY['t' || i], jsonb_build_object('n', i) FROM generate_series(1, 500) AS i;
-- wish
CREATE INDEX by_email ON accounts (email text_pattern_ops, score DESC NULLS LAST) WITH (fillfactor = 80);
CREATE INDEX by_email_c ON accounts (email COLLATE "C") INCLUDE (score);
CREATE INDEX by_data ON accounts USING gin (data jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX by_tags ON accounts USING gin (tags);
CREATE INDEX by_time ON accounts USING brin (made_at) WITH (pages_per_range = 16);
CREATE INDEX by_day ON accounts (date_trunc('day', made_at), lower(email)) TABLESPACE pg_default WHERE score > 2;
