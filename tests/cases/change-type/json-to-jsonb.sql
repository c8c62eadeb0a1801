-- title: json to jsonb, with a default and an expression index
-- versions: 10 12 15 18
-- policy: batch_rows=300
-- value: body = r.body
-- differs: 18 undo _not_null
-- differs: undo events.body at
-- differs: public.events.body: jsonb
-- setup
CREATE TABLE events (id bigserial PRIMARY KEY, kind text NOT NULL, body json NOT NULL DEFAULT '{}');
CREATE INDEX events_kind ON events ((body ->> 'kind'));
COMMENT ON COLUMN events.body IS 'as it came';
-- rows
INSERT INTO events (kind, body) SELECT 'k', ('{"kind": "k' || i || '", "b": 1, "a": 2}')::json FROM generate_series(1, 1500) AS i;
-- wish
ALTER TABLE events ALTER COLUMN body TYPE jsonb;
