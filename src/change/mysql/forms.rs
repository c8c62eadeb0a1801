//! How the app asks for a change of MySQL and MariaDB: kind, title and SQL with holes, see [`crate::change::form`].

use crate::model::Engine;

/// Whose forms these are.
pub const ENGINES: &[Engine] = &[Engine::Mysql, Engine::Mariadb];

pub const FORMS: &[(&str, &str, &str)] = &[
    (
        "add-column",
        "Add a column",
        "ALTER TABLE {table:table=users} ADD COLUMN {column:new=phone} {type:type=varchar(32)}[ NOT NULL{not null:yes}][ DEFAULT {default:sql=''}][ AFTER {after:column=email}];",
    ),
    ("drop-column", "Drop a column", "ALTER TABLE {table:table=users} DROP COLUMN {column:column=name};"),
    (
        "change-type",
        "Change a column's type, NULL or default",
        "ALTER TABLE {table:table=users} MODIFY COLUMN {column:column=name} {type:type=varchar(200)}[ NOT NULL{not null:yes}][ DEFAULT {default:sql=''}];",
    ),
    (
        "rename-column",
        "Rename a column",
        "ALTER TABLE {table:table=users} RENAME COLUMN {column:column=name} TO {new name:new=full_name};",
    ),
    (
        "replace-columns",
        "Make a column anew from others",
        "ALTER TABLE {table:table=users} ADD COLUMN {new column:new=label} {type:type=varchar(100)};\nUPDATE {table} SET {new column} = {expression:sql=UPPER(name)};\nALTER TABLE {table} DROP COLUMN {old column:column=name};",
    ),
    (
        "set-default",
        "Set a default",
        "ALTER TABLE {table:table=users} ALTER COLUMN {column:column=name} SET DEFAULT {default:sql='nobody'};",
    ),
    (
        "drop-default",
        "Drop a default",
        "ALTER TABLE {table:table=feature_flags} ALTER COLUMN {column:column=enabled} DROP DEFAULT;",
    ),
    (
        "create-index",
        "Add an index",
        "CREATE INDEX {name:new=orders_total} ON {table:table=orders} ({columns:keys=total});",
    ),
    (
        "create-index",
        "Add a full-text index",
        "CREATE FULLTEXT INDEX {name:new=suppliers_words} ON {table:table=suppliers} ({columns:columns=name});",
    ),
    (
        "add-constraint",
        "Add a unique index",
        "ALTER TABLE {table:table=shipments} ADD UNIQUE INDEX {name:new=shipments_code} ({columns:columns=tracking_code});",
    ),
    ("drop-index", "Drop an index", "ALTER TABLE {table:table=jobs} DROP INDEX {index:index=jobs_next};"),
    (
        "rename-object",
        "Rename an index",
        "ALTER TABLE {table:table=jobs} RENAME INDEX {index:index=jobs_next} TO {new name:new=jobs_due};",
    ),
    (
        "add-constraint",
        "Add a foreign key",
        "ALTER TABLE {table:table=events} ADD CONSTRAINT {name:new=events_user} FOREIGN KEY ({columns:columns=user_id}) REFERENCES {other table:table=users} ({other columns:columns of other table=id});",
    ),
    (
        "add-constraint",
        "Add a CHECK",
        "ALTER TABLE {table:table=coupons} ADD CONSTRAINT {name:new=coupons_percent} CHECK ({condition:sql=percent_off <= 100});",
    ),
    (
        "drop-constraint",
        "Drop a foreign key",
        "ALTER TABLE {table:table=orders} DROP FOREIGN KEY {key:constraint=orders_coupon};",
    ),
    (
        "drop-constraint",
        "Drop a CHECK",
        "ALTER TABLE {table:table=orders} DROP CONSTRAINT {check:constraint=orders_total};",
    ),
    ("rename-table", "Rename a table", "RENAME TABLE {table:table=daily_sales} TO {new name:new=sales_by_day};"),
    ("drop-table", "Drop a table", "DROP TABLE {table:table=search_log};"),
    ("truncate", "Empty a table", "TRUNCATE TABLE {table:table=feature_flags};"),
    (
        "update-rows",
        "Change many rows",
        "UPDATE {table:table=users} SET {column:column=name} = {value:sql=''}[ WHERE {condition:sql=name IS NULL}];",
    ),
    ("delete-rows", "Delete many rows", "DELETE FROM {table:table=jobs} WHERE {condition:sql=attempts > 20};"),
    (
        "insert-rows",
        "Insert rows",
        "INSERT IGNORE INTO {table:table=feature_flags} ({columns:columns=name}) VALUES ({values:sql='new_checkout'});",
    ),
    (
        "rewrite-table",
        "Convert a table to another character set",
        "ALTER TABLE {table:table=reviews} CONVERT TO CHARACTER SET {character set:sql=utf8mb4}[ COLLATE {collation:sql=utf8mb4_unicode_ci}];",
    ),
    ("rewrite-table", "Write a table anew", "ALTER TABLE {table:table=jobs} FORCE;"),
    (
        "setting",
        "Change a table's option",
        "ALTER TABLE {table:table=users} {option:COMMENT|ROW_FORMAT|ENGINE|AUTO_INCREMENT=COMMENT}={value:sql='people'};",
    ),
    (
        "create-partition",
        "Add a partition",
        "ALTER TABLE {table:table=page_views} ADD PARTITION (PARTITION {name:new=p2026_08} VALUES LESS THAN ({up to:sql='2026-09-01'}));",
    ),
    (
        "drop-partition",
        "Drop a partition",
        "ALTER TABLE {table:table=page_views} DROP PARTITION {partition:new=p2025_12};",
    ),
    (
        "trigger",
        "Create a trigger",
        "CREATE TRIGGER {name:new=users_stamp} {when:BEFORE|AFTER=BEFORE} {event:INSERT|UPDATE|DELETE=INSERT} ON {table:table=users} FOR EACH ROW {body:sql=SET NEW.created_at = NOW()};",
    ),
    ("trigger", "Drop a trigger", "DROP TRIGGER {trigger:new=note_order_status};"),
    (
        "views",
        "Create or replace a view",
        "CREATE OR REPLACE VIEW {view:new table=paid_orders} AS {query:sql=SELECT id, total FROM orders};",
    ),
    ("drop-view", "Drop a view", "DROP VIEW {view:view=open_orders};"),
    ("maintenance", "Renew a table's statistics", "ANALYZE TABLE {table:table=orders};"),
];
