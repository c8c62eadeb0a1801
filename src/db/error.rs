//! What can go wrong between a target and its catalog, told for the person at the keyboard.
//! No message ever holds a password: nothing here is built from a whole connection string.

use super::target::Wire;
use crate::model::name::shown;
use crate::model::{Engine, Version};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("no server answers at {}: {because}; check the host, the port and that the server is running", shown(at))]
    Unreachable { at: String, because: String },
    #[error(
        "the server at {} refused the user `{}`: {}; check the user name, the password and {}",
        shown(at),
        shown(user),
        shown(because),
        wire.words().access
    )]
    Auth { at: String, user: String, because: String, wire: Wire },
    #[error(
        "the server at {} asks for the password of `{}`; give it at the prompt, {}",
        shown(at),
        shown(user),
        wire.words().password
    )]
    PasswordNeeded { at: String, user: String, wire: Wire },
    #[error(
        "the server at {} has no database `{}`; list the databases with {}",
        shown(at),
        shown(database),
        wire.words().databases
    )]
    UnknownDatabase { at: String, database: String, wire: Wire },
    #[error("no trusted TLS connection to {}: {}", shown(at), shown(because))]
    Tls { at: String, because: String },
    #[error("{} did not answer within {seconds} s while {doing}; {}", shown(at), slow(doing))]
    Timeout { at: String, doing: String, seconds: u64 },
    #[error(
        "what listens at {} does not speak {}'s protocol: {}; check the port",
        shown(at),
        wire.words().name,
        shown(because)
    )]
    NotAServer { at: String, because: String, wire: Wire },
    #[error(
        "what listens at {} is a server of {}; name it by `{}`",
        shown(at),
        wire.words().name,
        wire.words().url
    )]
    OtherServer { at: String, wire: Wire },
    #[error("{engine} {version} is older than {oldest}, the oldest release that sidestep reads")]
    TooOld { engine: Engine, version: Version, oldest: &'static str },
    #[error(
        "the connection names no database, and the server takes none for granted; give one: `mysql://{}/DATABASE`",
        shown(at)
    )]
    NoDatabase { at: String },
    #[error("no server of {} is what `target_session_attrs={wanted}` asks for", shown(at))]
    WrongRole { at: String, wanted: String },
    #[error("the connection to {} was lost: {}", shown(at), shown(because))]
    Lost { at: String, because: String },
    #[error("the server refused the connection to {}: {}", shown(at), shown(because))]
    Refused { at: String, because: String },
    #[error(
        "cannot read {what}: {}; {}",
        shown(because),
        wire.words().rights
    )]
    NoPrivilege { what: String, because: String, wire: Wire },
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
    if doing == CONNECTING_TO_MYSQL {
        "the host may be overloaded, or something that is neither MySQL nor MariaDB listens there"
    } else if doing == CONNECTING {
        "the host may be overloaded, or something that is not PostgreSQL listens there"
    } else {
        "the server may be overloaded; try again, or inspect a replica"
    }
}

pub const CONNECTING: &str = "connecting";
pub const CONNECTING_TO_MYSQL: &str = "connecting over MySQL's protocol";
