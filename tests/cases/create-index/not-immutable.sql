-- title: an expression that answers differently from call to call
-- versions: 15
-- refused: may answer differently from call to call
-- setup
CREATE TABLE accounts (id bigserial PRIMARY KEY, made_at timestamptz NOT NULL);
-- wish
CREATE INDEX by_day ON accounts (to_char(made_at, 'YYYY-MM-DD'));
