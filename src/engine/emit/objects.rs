//! Read-only questions about triggers, policies, functions, publications and storage options: `done_when` of the steps.

use super::regclass;
use crate::engine::dialect;
use crate::model::{Engine, Ident, TableName};

fn literal(text: &str) -> String {
    dialect(Engine::Postgresql).literal(text)
}

/// `letters`: the states of `pg_trigger.tgenabled` that count.
pub fn trigger_enabled(table: &TableName, names: &[Ident], letter: char) -> String {
    let names = names.iter().map(|n| literal(n.as_str())).collect::<Vec<_>>().join(", ");
    format!(
        "SELECT count(*) = 0 FROM pg_catalog.pg_trigger WHERE tgrelid = {} AND tgname IN ({names}) AND tgenabled <> '{letter}'",
        regclass(table)
    )
}

fn policy(table: &TableName, name: &Ident) -> String {
    format!("FROM pg_catalog.pg_policy WHERE polrelid = {} AND polname = {}", regclass(table), literal(name.as_str()))
}

pub fn policy_exists(table: &TableName, name: &Ident) -> String {
    format!("SELECT EXISTS (SELECT 1 {})", policy(table, name))
}

pub fn policy_gone(table: &TableName, name: &Ident) -> String {
    format!("SELECT NOT EXISTS (SELECT 1 {})", policy(table, name))
}

/// True once one of the two expressions is another than the server printed before.
pub fn policy_changed(table: &TableName, name: &Ident, using: Option<&str>, check: Option<&str>) -> String {
    let was = |text: Option<&str>| text.map_or_else(|| "NULL".to_owned(), literal);
    format!(
        "SELECT (pg_catalog.pg_get_expr(polqual, polrelid), pg_catalog.pg_get_expr(polwithcheck, polrelid)) \
         IS DISTINCT FROM ({}::text, {}::text) {}",
        was(using),
        was(check),
        policy(table, name)
    )
}

/// `column` is a boolean of `pg_class`: `relrowsecurity`, `relforcerowsecurity`.
pub fn table_flag(table: &TableName, column: &str, on: bool) -> String {
    let not = if on { "" } else { "NOT " };
    format!("SELECT {not}{column} FROM pg_catalog.pg_class WHERE oid = {}", regclass(table))
}

/// The function with exactly this body and these properties is there.
pub fn function_is(name: &TableName, body: &str, volatility: char, strict: bool, definer: bool) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname = {} AND p.proname = {} AND p.prosrc = {} AND p.provolatile = '{volatility}' \
         AND p.proisstrict = {strict} AND p.prosecdef = {definer})",
        literal(name.schema.as_str()),
        literal(name.name.as_str()),
        literal(body)
    )
}

pub fn function_gone(name: &TableName) -> String {
    format!(
        "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE n.nspname = {} AND p.proname = {})",
        literal(name.schema.as_str()),
        literal(name.name.as_str())
    )
}

pub fn publication_exists(name: &Ident, exists: bool) -> String {
    let not = if exists { "" } else { "NOT " };
    format!("SELECT {not}EXISTS (SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = {})", literal(name.as_str()))
}

/// All of `tables` are published by name, or none of them.
pub fn published(publication: &Ident, tables: &[TableName], there: bool) -> String {
    let list = tables.iter().map(regclass).collect::<Vec<_>>().join(", ");
    let count = if there { tables.len() } else { 0 };
    format!(
        "SELECT count(*) = {count} FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid \
         WHERE p.pubname = {} AND r.prrelid IN ({list})",
        literal(publication.as_str())
    )
}

/// `d`, `f`, `n`, or `i` with the index's name.
pub fn replica_identity_is(table: &TableName, letter: char, index: Option<&Ident>) -> String {
    let of_index = index.map_or_else(String::new, |i| {
        format!(
            " AND EXISTS (SELECT 1 FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisreplident AND x.indexrelid = {})",
            regclass(&table.sibling(i.0.clone()))
        )
    });
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = {} AND c.relreplident = '{letter}'{of_index})",
        regclass(table)
    )
}

/// Storage options of a table or index: `name=value` is there, `name` alone is not. `toast.name` is asked of its TOAST table.
pub fn options_are(relation: &TableName, set: &[(String, String)], reset: &[String]) -> String {
    let of = |name: &str| match name.strip_prefix("toast.") {
        Some(bare) => {
            (bare.to_owned(), "(SELECT t.reloptions FROM pg_catalog.pg_class t WHERE t.oid = c.reltoastrelid)")
        }
        None => (name.to_owned(), "c.reloptions"),
    };
    let have = set.iter().map(|(name, value)| {
        let (name, list) = of(name);
        format!("{} = ANY (coalesce({list}, '{{}}'))", literal(&format!("{name}={value}")))
    });
    let gone = reset.iter().map(|name| {
        let (name, list) = of(name);
        format!("NOT EXISTS (SELECT 1 FROM unnest({list}) AS o WHERE split_part(o, '=', 1) = {})", literal(&name))
    });
    format!(
        "SELECT {} FROM pg_catalog.pg_class c WHERE c.oid = {}",
        have.chain(gone).collect::<Vec<_>>().join(" AND "),
        regclass(relation)
    )
}

/// The index that the table is clustered on; none: no index is.
pub fn clustered_on(table: &TableName, index: Option<&Ident>) -> String {
    match index {
        Some(index) => format!(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indexrelid = {} AND indisclustered)",
            regclass(&table.sibling(index.0.clone()))
        ),
        None => format!(
            "SELECT NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index WHERE indrelid = {} AND indisclustered)",
            regclass(table)
        ),
    }
}

/// `t` for UNLOGGED, `p` for a table that survives a crash.
pub fn persistence_is(table: &TableName, logged: bool) -> String {
    format!(
        "SELECT relpersistence = '{}' FROM pg_catalog.pg_class WHERE oid = {}",
        if logged { 'p' } else { 'u' },
        regclass(table)
    )
}

/// The relation lies in the tablespace of this name.
pub fn tablespace_is(relation: &TableName, tablespace: &Ident) -> String {
    format!(
        "SELECT coalesce((SELECT t.spcname FROM pg_catalog.pg_tablespace t WHERE t.oid = c.reltablespace), \
         (SELECT t.spcname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace \
         WHERE d.datname = current_database())) = {} FROM pg_catalog.pg_class c WHERE c.oid = {}",
        literal(tablespace.as_str()),
        regclass(relation)
    )
}

pub fn access_method_is(table: &TableName, method: &Ident) -> String {
    format!(
        "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_am a ON a.oid = c.relam WHERE c.oid = {} AND a.amname = {})",
        regclass(table),
        literal(method.as_str())
    )
}

/// The server has the extension that a tool outside the database works with.
pub fn extension_there(name: &str) -> String {
    format!("SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = {})", literal(name))
}
