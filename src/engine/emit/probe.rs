//! Read-only questions to the catalog whose answer is one boolean: `done_when` of the steps.

use super::regclass;
use crate::engine::dialect;
use crate::model::{Engine, Ident, TableName};

fn literal(text: &str) -> String {
    dialect(Engine::Postgresql).literal(text)
}

fn attribute(table: &TableName, column: &Ident, condition: &str) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped{})",
        regclass(table),
        literal(column.as_str()),
        condition
    )
}

pub fn columns_exist(table: &TableName, columns: &[Ident]) -> String {
    let names = columns.iter().map(|c| literal(c.as_str())).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT count(*) = {} FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname IN ({names}) AND NOT attisdropped",
        columns.len(),
        regclass(table)
    )
}

pub fn columns_gone(table: &TableName, columns: &[Ident]) -> String {
    let names = columns.iter().map(|c| literal(c.as_str())).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT count(*) = 0 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attname IN ({names}) AND NOT attisdropped",
        regclass(table)
    )
}

pub fn column_not_null(table: &TableName, column: &Ident) -> String {
    attribute(table, column, " AND attnotnull")
}

pub fn column_nullable(table: &TableName, column: &Ident) -> String {
    attribute(table, column, " AND NOT attnotnull")
}

/// `data_type` as `format_type` prints it; `collation` as written, `"C"` or `pg_catalog."C"`.
pub fn column_type_is(table: &TableName, column: &Ident, data_type: &str, collation: Option<&str>) -> String {
    let mut condition = format!(" AND pg_catalog.format_type(atttypid, atttypmod) = {}", literal(data_type));
    if let Some(name) = collation {
        let last = name.rsplit('.').next().unwrap_or(name);
        let bare = match last.strip_prefix('"').and_then(|n| n.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => last.to_lowercase(),
        };
        condition.push_str(&format!(
            " AND attcollation IN (SELECT oid FROM pg_catalog.pg_collation WHERE collname = {})",
            literal(&bare)
        ));
    }
    attribute(table, column, &condition)
}

/// The column is of a type that users made, or an array of it.
pub fn column_is_of(table: &TableName, column: &Ident, made: &TableName, array: bool) -> String {
    let oid = super::type_probe::regtype(made);
    let condition = if array {
        format!(" AND atttypid = (SELECT typarray FROM pg_catalog.pg_type WHERE oid = {oid})")
    } else {
        format!(" AND atttypid = {oid}")
    };
    attribute(table, column, &condition)
}

/// `plain`, `main`, `external` or `extended`.
pub fn column_storage_is(table: &TableName, column: &Ident, storage: &str) -> String {
    let letter = match storage {
        "plain" => "p",
        "main" => "m",
        "external" => "e",
        _ => "x",
    };
    attribute(table, column, &format!(" AND attstorage = '{letter}'"))
}

pub fn column_statistics_are(table: &TableName, column: &Ident, target: i32) -> String {
    attribute(table, column, &format!(" AND attstattarget = {target}"))
}

/// The default target: NULL from PostgreSQL 17 on, -1 before.
pub fn column_statistics_default(table: &TableName, column: &Ident) -> String {
    attribute(table, column, " AND coalesce(attstattarget, -1) = -1")
}

/// `pglz` or `lz4`.
pub fn column_compression_is(table: &TableName, column: &Ident, method: &str) -> String {
    let letter = if method == "lz4" { "l" } else { "p" };
    attribute(table, column, &format!(" AND attcompression = '{letter}'"))
}

/// `n_distinct=5` and the like, as the catalog lists them.
pub fn column_options_are(table: &TableName, column: &Ident, options: &[String]) -> String {
    let list = options.iter().map(|o| literal(o)).collect::<Vec<_>>().join(", ");
    attribute(table, column, &format!(" AND attoptions @> ARRAY[{list}]"))
}

pub fn column_has_grants(table: &TableName, column: &Ident) -> String {
    attribute(table, column, " AND attacl IS NOT NULL")
}

/// One question out of several: true if all are.
pub fn all(questions: &[String]) -> String {
    match questions {
        [one] => one.clone(),
        many => format!("SELECT {}", many.iter().map(|q| format!("({q})")).collect::<Vec<_>>().join(" AND ")),
    }
}

/// `text` is the comment on the index.
pub fn index_comment_is(index: &TableName, text: &str) -> String {
    format!("SELECT pg_catalog.obj_description({}, 'pg_class') IS NOT DISTINCT FROM {}", regclass(index), literal(text))
}

pub fn constraint_comment_is(table: &TableName, name: &Ident, text: &str) -> String {
    let condition = format!(" AND pg_catalog.obj_description(oid, 'pg_constraint') = {}", literal(text));
    format!("SELECT {}", constraint(table, name, &condition))
}

/// Key `place` (from 1) of the index has this statistics target.
pub fn index_statistics_are(index: &TableName, place: i16, target: i32) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {} AND attnum = {place} AND attstattarget = {target})",
        regclass(index)
    )
}

pub fn statistics_exist(name: &TableName) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace \
         WHERE n.nspname = {} AND s.stxname = {})",
        literal(name.schema.as_str()),
        literal(name.name.as_str())
    )
}

/// The view's text names the column.
pub fn view_reads(view: &TableName, table: &TableName, column: &Ident) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_rewrite w ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND d.objid = w.oid \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE w.ev_class = {} AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = {} AND a.attname = {})",
        regclass(view),
        regclass(table),
        literal(column.as_str())
    )
}

pub fn is_populated(view: &TableName) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE oid = {} AND relispopulated)", regclass(view))
}

/// The server knows how the values of these columns are spread. Of a table without rows it never does.
pub fn columns_measured(table: &TableName, columns: &[Ident]) -> String {
    let list = columns.iter().map(|c| literal(c.as_str())).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT count(DISTINCT attname) = {} FROM pg_catalog.pg_stats WHERE schemaname = {} AND tablename = {} AND attname IN ({list})",
        columns.len(),
        literal(table.schema.as_str()),
        literal(table.name.as_str())
    )
}

/// The same of an index over an expression.
pub fn index_measured(index: &TableName) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_stats WHERE schemaname = {} AND tablename = {})",
        literal(index.schema.as_str()),
        literal(index.name.as_str())
    )
}

pub fn statistics_gone(name: &TableName) -> String {
    format!("SELECT NOT ({})", statistics_exist(name))
}

/// True once nothing of this kind (`pg_rewrite`, `pg_policy`, `pg_trigger`, `pg_attrdef`) reads the column of another name.
pub fn column_unread_by(table: &TableName, column: &Ident, catalogs: &[&str]) -> String {
    let classes =
        catalogs.iter().map(|c| format!("'pg_catalog.{c}'::pg_catalog.regclass")).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = {} AND a.attname = {} AND d.classid IN ({classes}))",
        regclass(table),
        literal(column.as_str())
    )
}

pub fn sequence_owned_by(sequence: &TableName, table: &TableName, column: &Ident) -> String {
    let d = dialect(Engine::Postgresql);
    format!(
        "SELECT pg_catalog.pg_get_serial_sequence({}, {})::pg_catalog.regclass = {}",
        literal(&d.name(table)),
        literal(column.as_str()),
        regclass(sequence)
    )
}

pub fn column_comment_is(table: &TableName, column: &Ident, comment: &str) -> String {
    attribute(table, column, &format!(" AND pg_catalog.col_description(attrelid, attnum) = {}", literal(comment)))
}

pub fn column_is_identity(table: &TableName, column: &Ident) -> String {
    attribute(table, column, " AND attidentity <> ''")
}

fn default_text(table: &TableName, column: &Ident) -> String {
    format!(
        "SELECT pg_catalog.pg_get_expr(d.adbin, d.adrelid) FROM pg_catalog.pg_attrdef d \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum \
         WHERE a.attrelid = {} AND a.attname = {}",
        regclass(table),
        literal(column.as_str())
    )
}

/// True once the default differs from `before` (its text as the server prints it; none: there was none).
pub fn default_changed(table: &TableName, column: &Ident, before: Option<&str>) -> String {
    let now = default_text(table, column);
    let Some(before) = before else { return format!("SELECT ({now}) IS DISTINCT FROM NULL") };
    // Whether a type or a sequence is printed with its schema is up to the search path of whoever asks.
    if before.contains("::") || before.contains("nextval(") {
        let bare =
            |text: &str| format!(r#"regexp_replace({text}, '(::|nextval\('')("([^"]|"")+"|[a-z_]\w*)\.', '\1', 'g')"#);
        return format!("SELECT {} IS DISTINCT FROM {}", bare(&format!("({now})")), bare(&literal(before)));
    }
    format!("SELECT ({now}) IS DISTINCT FROM {}", literal(before))
}

pub fn default_gone(table: &TableName, column: &Ident) -> String {
    format!("SELECT ({}) IS NULL", default_text(table, column))
}

fn constraint(table: &TableName, name: &Ident, condition: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = {} AND conname = {}{condition})",
        regclass(table),
        literal(name.as_str())
    )
}

pub fn constraint_exists(table: &TableName, name: &Ident) -> String {
    format!("SELECT {}", constraint(table, name, ""))
}

pub fn constraint_valid(table: &TableName, name: &Ident) -> String {
    format!("SELECT {}", constraint(table, name, " AND convalidated"))
}

pub fn constraint_gone(table: &TableName, name: &Ident) -> String {
    format!("SELECT NOT {}", constraint(table, name, ""))
}

pub fn index_valid(index: &TableName) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = {} AND indisvalid AND indisready)",
        regclass(index)
    )
}

/// The index that CLUSTER uses, the one that identifies rows for replication.
pub fn index_is_marked(index: &TableName, clustered: bool, identity: bool) -> String {
    let (c, r) =
        (if clustered { " AND indisclustered" } else { "" }, if identity { " AND indisreplident" } else { "" });
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = {}{c}{r})", regclass(index))
}

/// True while no half-built index of this name is in the way.
pub fn index_not_invalid(index: &TableName) -> String {
    not_invalid(&regclass(index))
}

/// The same of an index that is spelled as SQL already.
pub fn spelled_index_not_invalid(index: &str) -> String {
    not_invalid(&format!("pg_catalog.to_regclass({})", dialect(Engine::Postgresql).literal(index)))
}

fn not_invalid(regclass: &str) -> String {
    format!("SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = {regclass} AND NOT indisvalid)")
}

pub fn relation_exists(name: &TableName) -> String {
    format!("SELECT {} IS NOT NULL", regclass(name))
}

pub fn relation_gone(name: &TableName) -> String {
    format!("SELECT {} IS NULL", regclass(name))
}

pub fn schema_gone(name: &Ident) -> String {
    format!("SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {})", literal(name.as_str()))
}

pub fn schema_exists(name: &Ident) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = {})", literal(name.as_str()))
}

pub fn function_exists(name: &TableName) -> String {
    format!("SELECT {}", in_schema("pg_proc", "pro", name))
}

/// `prefix` is that of the columns of the system catalog.
fn in_schema(catalog: &str, prefix: &str, name: &TableName) -> String {
    format!(
        "EXISTS (SELECT 1 FROM pg_catalog.{catalog} o JOIN pg_catalog.pg_namespace n ON n.oid = o.{prefix}namespace \
         WHERE n.nspname = {} AND o.{prefix}name = {})",
        literal(name.schema.as_str()),
        literal(name.name.as_str())
    )
}

pub fn not_a_partition(name: &TableName) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE oid = {} AND NOT relispartition)", regclass(name))
}

/// True once `to` is the relation and `from` a view in its place.
pub fn renamed_behind_view(from: &TableName, to: &TableName) -> String {
    format!("SELECT {} AND {}", of_kind(to, "'r', 'p', 'f', 'v', 'm'"), of_kind(from, "'v'"))
}

pub fn is_table(name: &TableName) -> String {
    format!("SELECT {}", of_kind(name, "'r', 'p'"))
}

fn of_kind(name: &TableName, kinds: &str) -> String {
    format!("EXISTS (SELECT 1 FROM pg_catalog.pg_class WHERE oid = {} AND relkind IN ({kinds}))", regclass(name))
}

fn trigger(table: &TableName, name: &Ident) -> String {
    format!(
        "EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = {} AND tgname = {})",
        regclass(table),
        literal(name.as_str())
    )
}

pub fn trigger_exists(table: &TableName, name: &Ident) -> String {
    format!("SELECT {}", trigger(table, name))
}

pub fn trigger_gone(table: &TableName, name: &Ident) -> String {
    format!("SELECT NOT {}", trigger(table, name))
}

fn watches(table: &TableName, name: &Ident, column: &Ident) -> String {
    format!(
        "EXISTS (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_trigger g ON d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = g.oid \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid \
         WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND g.tgrelid = {} AND g.tgname = {} AND a.attname = {})",
        regclass(table),
        literal(name.as_str()),
        literal(column.as_str())
    )
}

/// The trigger names the column in its list or its condition.
pub fn trigger_watches(table: &TableName, name: &Ident, column: &Ident) -> String {
    format!("SELECT {}", watches(table, name, column))
}

pub fn trigger_ignores(table: &TableName, name: &Ident, column: &Ident) -> String {
    format!("SELECT {} AND NOT {}", trigger(table, name), watches(table, name, column))
}

/// Who is in the way of a lock on `table`: sessions that hold one, oldest transaction first.
pub fn lock_holders(table: &TableName) -> String {
    format!(
        "SELECT a.pid, a.state, now() - a.xact_start AS open_for, l.mode, left(a.query, 80) AS query \
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid) \
         WHERE l.relation = {} AND l.granted ORDER BY a.xact_start",
        regclass(table)
    )
}

/// Progress of a concurrent index build; needs PostgreSQL 12.
pub fn index_progress() -> String {
    "SELECT phase, lockers_done, lockers_total, blocks_done, blocks_total, tuples_done, tuples_total \
     FROM pg_catalog.pg_stat_progress_create_index WHERE datname = current_database()"
        .to_owned()
}

/// Replicas and how far behind they are.
pub fn replica_lag() -> String {
    "SELECT application_name, state, pg_wal_lsn_diff(sent_lsn, replay_lsn) AS bytes_behind, replay_lag \
     FROM pg_catalog.pg_stat_replication"
        .to_owned()
}
