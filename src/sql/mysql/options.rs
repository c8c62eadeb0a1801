//! Table options, with and without `=`, ALGORITHM and LOCK.

use super::statement::{Algorithm, LockClause};
use crate::sql::cursor::{Cursor, Read};
use crate::sql::lex::Kind;

/// Longest first where one starts another.
const OPTIONS: &[&str] = &[
    "autoextend_size",
    "auto_increment",
    "avg_row_length",
    "checksum",
    "table_checksum",
    "comment",
    "compression",
    "connection",
    "data directory",
    "delay_key_write",
    "encryption",
    "encrypted",
    "encryption_key_id",
    "engine_attribute",
    "secondary_engine_attribute",
    "secondary_engine",
    "engine",
    "ietf_quotes",
    "index directory",
    "insert_method",
    "key_block_size",
    "max_rows",
    "min_rows",
    "pack_keys",
    "page_checksum",
    "page_compressed",
    "page_compression_level",
    "password",
    "row_format",
    "sequence",
    "start transaction",
    "stats_auto_recalc",
    "stats_persistent",
    "stats_sample_pages",
    "storage",
    "tablespace",
    "transactional",
    "type",
    "union",
    "with system versioning",
];

/// One option, if one starts here: its name and its value as written.
pub(super) fn option(c: &mut Cursor<'_>) -> Read<Option<(String, String)>> {
    let start = c.at;
    c.eat("default");
    for (written, name) in [
        ("character set", "default character set"),
        ("char set", "default character set"),
        ("charset", "default character set"),
        ("collate", "default collate"),
    ] {
        if c.eat(written) {
            c.eat_mark("=");
            return Ok(Some((name.to_owned(), super::column::word(c, "a name")?)));
        }
    }
    c.at = start;
    for name in OPTIONS {
        if !c.is(name) {
            continue;
        }
        if matches!(*name, "with system versioning" | "start transaction") {
            c.eat(name);
            return Ok(Some((name.to_string(), String::new())));
        }
        c.eat(name);
        c.eat_mark("=");
        return Ok(Some((name.to_string(), value(c)?)));
    }
    // What only a plugin of the engine knows: `x = y`.
    if c.is_ident() && c.shown(1) == "=" && c.grammar.engine == "MariaDB" && !c.is("algorithm") && !c.is("lock") {
        let name = c.shown(0).to_ascii_lowercase();
        c.at += 2;
        return Ok(Some((name, value(c)?)));
    }
    Ok(None)
}

fn value(c: &mut Cursor<'_>) -> Read<String> {
    let from = c.at;
    let Some(token) = c.peek() else { return Err(c.missing("a value")) };
    match token.kind {
        Kind::Mark if token.of(c.text) == "(" => c.skip_balanced(),
        Kind::Mark | Kind::Op => return Err(c.missing("a value")),
        Kind::Text => {
            while c.peek().is_some_and(|t| t.kind == Kind::Text) {
                c.at += 1;
            }
        }
        _ => c.at += 1,
    }
    Ok(c.since(from).to_owned())
}

/// `ALGORITHM [=] x` or `LOCK [=] x`, eaten; false where neither starts.
pub(super) fn clause(
    c: &mut Cursor<'_>,
    algorithm: &mut Option<Algorithm>,
    lock: &mut Option<LockClause>,
) -> Read<bool> {
    // A column may be called so.
    const VALUES: &[&str] = &["default", "instant", "nocopy", "inplace", "copy", "none", "shared", "exclusive"];
    let clause =
        |word: &str| c.is(word) && (c.shown(1) == "=" || VALUES.iter().any(|v| c.shown(1).eq_ignore_ascii_case(v)));
    if clause("algorithm") {
        c.at += 1;
        c.eat_mark("=");
        *algorithm = Some(match super::column::word(c, "an algorithm")?.as_str() {
            "default" => Algorithm::Default,
            "instant" => Algorithm::Instant,
            "nocopy" if c.grammar.engine == "MariaDB" => Algorithm::Nocopy,
            "inplace" => Algorithm::Inplace,
            "copy" => Algorithm::Copy,
            _ => {
                c.at -= 1;
                return Err(c.missing("DEFAULT, INSTANT, INPLACE or COPY"));
            }
        });
    } else if clause("lock") {
        c.at += 1;
        c.eat_mark("=");
        *lock = Some(match super::column::word(c, "a lock")?.as_str() {
            "default" => LockClause::Default,
            "none" => LockClause::None,
            "shared" => LockClause::Shared,
            "exclusive" => LockClause::Exclusive,
            _ => {
                c.at -= 1;
                return Err(c.missing("DEFAULT, NONE, SHARED or EXCLUSIVE"));
            }
        });
    } else {
        return Ok(false);
    }
    Ok(true)
}
