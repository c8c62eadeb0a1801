-- title: names of 63 bytes
-- versions: 10 15
-- policy: batch_rows=300
-- setup
CREATE TABLE a_table_whose_name_is_as_long_as_the_server_allows_it_to_be_now (
  a_column_whose_name_is_as_long_as_the_server_allows_it_to_be_xy bigserial PRIMARY KEY,
  another_column_whose_name_is_as_long_as_the_server_allows_it_oh text NOT NULL
);
-- rows
INSERT INTO a_table_whose_name_is_as_long_as_the_server_allows_it_to_be_now (another_column_whose_name_is_as_long_as_the_server_allows_it_oh)
SELECT 's' || i FROM generate_series(1, 2000) AS i;
-- wish
ALTER TABLE a_table_whose_name_is_as_long_as_the_server_allows_it_to_be_now
  ADD COLUMN one_more_column_whose_name_is_as_long_as_it_is_allowed_to_be_xx text UNIQUE;
UPDATE a_table_whose_name_is_as_long_as_the_server_allows_it_to_be_now
  SET one_more_column_whose_name_is_as_long_as_it_is_allowed_to_be_xx = upper(another_column_whose_name_is_as_long_as_the_server_allows_it_oh);
ALTER TABLE a_table_whose_name_is_as_long_as_the_server_allows_it_to_be_now
  ALTER COLUMN one_more_column_whose_name_is_as_long_as_it_is_allowed_to_be_xx SET NOT NULL;
