-- title: Another row format: the table is written anew
-- base: shop
-- differs: ROW_FORMAT
-- differs: undo users: )
-- wish
ALTER TABLE users ROW_FORMAT=COMPRESSED;
