-- title: ALGORITHM=COPY as the script says: a cheaper way is taken
-- base: shop
-- wish
ALTER TABLE users ADD COLUMN phone VARCHAR(20), ALGORITHM=COPY, LOCK=SHARED;
