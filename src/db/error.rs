//! What can go wrong between a target and its catalog, told for the person at the keyboard.
//! No message ever holds a password: nothing here is built from a whole connection string.

use crate::model::Version;
use crate::model::name::shown;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("no server answers at {}: {because}; check the host, the port and that the server is running", shown(at))]
    Unreachable { at: String, because: String },
    #[error(
        "the server at {} refused the user `{}`: {}; check the user name, the password and `pg_hba.conf`",
        shown(at),
        shown(user),
        shown(because)
    )]
    Auth { at: String, user: String, because: String },
    #[error(
        "the server at {} asks for the password of `{}`; give it at the prompt, in `PGPASSWORD` or in `~/.pgpass`",
        shown(at),
        shown(user)
    )]
    PasswordNeeded { at: String, user: String },
    #[error("the server at {} has no database `{}`; list the databases with `psql -l`", shown(at), shown(database))]
    UnknownDatabase { at: String, database: String },
    #[error("no trusted TLS connection to {}: {}", shown(at), shown(because))]
    Tls { at: String, because: String },
    #[error("{} did not answer within {seconds} s while {doing}; {}", shown(at), slow(doing))]
    Timeout { at: String, doing: String, seconds: u64 },
    #[error("what listens at {} does not speak PostgreSQL's protocol: {}; check the port", shown(at), shown(because))]
    NotAServer { at: String, because: String },
    #[error("PostgreSQL {version} is older than 10, the oldest release that sidestep reads")]
    TooOld { version: Version },
    #[error("no server of {} is what `target_session_attrs={wanted}` asks for", shown(at))]
    WrongRole { at: String, wanted: String },
    #[error("the connection to {} was lost: {}", shown(at), shown(because))]
    Lost { at: String, because: String },
    #[error("the server refused the connection to {}: {}", shown(at), shown(because))]
    Refused { at: String, because: String },
    #[error(
        "cannot read {what}: {}; ask for the role `pg_monitor`, or connect as the owner of the database",
        shown(because)
    )]
    NoPrivilege { what: String, because: String },
    #[error("the catalog query `{what}` failed: {}", shown(because))]
    Query { what: String, because: String },
    #[error("cannot use the target: {}", shown(because))]
    Target { because: String },
    #[error("cannot read `{}`: {}", shown(path), shown(because))]
    File { path: String, because: String },
    #[error(
        "this catalog is in format {found}, this sidestep knows format {known}: update sidestep, or inspect the server again with this one"
    )]
    NewerFormat { found: u64, known: u32 },
    #[error(
        "this is not a catalog of sidestep: line {line}, column {column}: {}; make one with `sidestep inspect TARGET -o catalog.json`",
        shown(because)
    )]
    BadSnapshot { line: usize, column: usize, because: String },
}

/// What to think of when a server is silent.
fn slow(doing: &str) -> &'static str {
    if doing == CONNECTING {
        "the host may be overloaded, or something that is not PostgreSQL listens there"
    } else {
        "the server may be overloaded; try again, or inspect a replica"
    }
}

pub const CONNECTING: &str = "connecting";
