SELECT DATABASE() AS db,
  CURRENT_USER() AS account,
  CONNECTION_ID() AS id,
  DATE_FORMAT(UTC_TIMESTAMP(), '%Y-%m-%dT%H:%i:%sZ') AS captured_at,
  @@GLOBAL.version_comment AS version_comment,
  HEX(CONVERT(CONVERT(DATABASE() USING filename) USING binary)) AS folder, -- not on mysql 8.0
  (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()) AS table_count
