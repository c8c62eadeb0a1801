SELECT TABLE_NAME AS name,
  VIEW_DEFINITION AS body,
  IS_UPDATABLE AS updatable,
  CHECK_OPTION AS check_option,
  SECURITY_TYPE AS security,
  ALGORITHM AS algorithm, -- on mariadb
  DEFINER AS definer
FROM information_schema.VIEWS
WHERE TABLE_SCHEMA = :db
