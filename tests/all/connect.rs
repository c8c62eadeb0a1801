//! Connecting to real servers, and to things that are none: each failure is told by what it is.

use super::inspect::try_load;
use crate::support::{Server, majors};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sidestep::db::target::{Env, parse};
use sidestep::db::{self, Error};
use sidestep::model::Catalog;
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn load_with(target: &str, env: &Env) -> Result<Catalog, Error> {
    let target = parse(target, env)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(db::load(&target))
}

/// `ann` logs in by SCRAM, `old` by MD5, `cert` by a client certificate over TLS, `tls` only over TLS.
const HBA: &str = "local all postgres trust\nhost all postgres 127.0.0.1/32 trust\n\
    host all ann 127.0.0.1/32 scram-sha-256\nlocal all ann scram-sha-256\nhost all old 127.0.0.1/32 md5\n\
    hostssl all cert 127.0.0.1/32 cert\nhostssl all tls 127.0.0.1/32 trust\nhostnossl all plain 127.0.0.1/32 trust\n";

struct Secure {
    server: Server,
    certs: tempfile::TempDir,
}

impl Secure {
    fn file(&self, name: &str) -> String {
        self.certs.path().join(name).display().to_string()
    }
    /// A connection to `localhost`, which is what the server's certificate names.
    fn to(&self, user: &str, more: &str) -> String {
        format!("host=localhost hostaddr=127.0.0.1 port={} dbname=postgres user={user} {more}", self.server.port)
    }
}

/// One server of each of the oldest and the newest major, with certificates of an authority of its own.
fn secure(major: u16) -> &'static Secure {
    static OLD: OnceLock<Secure> = OnceLock::new();
    static NEW: OnceLock<Secure> = OnceLock::new();
    let slot = if major < 15 { &OLD } else { &NEW };
    slot.get_or_init(|| {
        let server = Server::private(major, &[("password_encryption", "scram-sha-256")], Some(HBA));
        let certs = tempfile::tempdir().unwrap();
        make_certificates(certs.path());
        let data = server.dir.join("data");
        for (from, to) in [("server.crt", "server.crt"), ("server.key", "server.key"), ("ca.crt", "root.crt")] {
            fs::copy(certs.path().join(from), data.join(to)).unwrap();
            let owner = fs::metadata(&data).unwrap();
            std::os::unix::fs::chown(data.join(to), Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        let mut sql = crate::support::Session::open(&server.url("postgres"));
        sql.run("CREATE ROLE ann LOGIN PASSWORD 'right'; CREATE ROLE cert LOGIN; CREATE ROLE tls LOGIN; CREATE ROLE plain LOGIN");
        sql.run("SET password_encryption = 'md5'; CREATE ROLE old LOGIN PASSWORD 'right'");
        sql.run("ALTER SYSTEM SET ssl_ca_file = 'root.crt'");
        sql.run("ALTER SYSTEM SET ssl = on");
        sql.run("SELECT pg_reload_conf()");
        let deadline = Instant::now() + Duration::from_secs(5);
        while crate::support::Session::open(&server.url("postgres")).value("SHOW ssl") != "on" {
            assert!(Instant::now() < deadline, "{}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        Secure { server, certs }
    })
}

/// An authority, a server certificate for `localhost`, a client certificate for `cert`, and a stranger's authority.
pub fn make_certificates(dir: &Path) {
    let authority = |name: &str| {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let write = |name: &str, text: String| {
        let path = dir.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    };
    let ours = authority("ours");
    write("ca.crt", ours.pem());
    write("stranger.crt", authority("stranger").pem());
    for (file, names, common) in [("server", vec!["localhost".to_owned()], "server"), ("client", vec![], "cert")] {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, common);
        write(&format!("{file}.crt"), params.signed_by(&key, &ours).unwrap().pem());
        write(&format!("{file}.key"), key.serialize_pem());
    }
}

/// At most one below 15 and one from 15 on: [`secure`] keeps one server of each.
fn oldest_and_newest() -> Vec<u16> {
    let all = majors();
    let oldest = all.iter().copied().filter(|m| *m < 15).min();
    oldest.into_iter().chain(all.iter().copied().filter(|m| *m >= 15).max()).collect()
}

#[test]
fn passwords() {
    for major in oldest_and_newest() {
        let secure = secure(major);
        for user in ["ann", "old"] {
            load_with(&secure.to(user, "password=right"), &Env::of_vars([])).unwrap();
            let wrong = load_with(&secure.to(user, "password=hunter2"), &Env::of_vars([])).unwrap_err();
            assert!(matches!(&wrong, Error::Auth { user: u, .. } if u == user), "{wrong}");
            assert!(!format!("{wrong} {wrong:?}").contains("hunter2"));
            let none = load_with(&secure.to(user, ""), &Env::of_vars([])).unwrap_err();
            assert!(matches!(&none, Error::PasswordNeeded { .. }), "{none}");
            let target = parse(&secure.to(user, ""), &Env::of_vars([])).unwrap().with_password("right");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(db::load(&target)).unwrap();
        }
        load_with(&secure.to("ann", ""), &Env::of_vars([("PGPASSWORD", "right")])).unwrap();
        let socket = format!(
            "host={} port={} user=ann dbname=postgres password=right",
            secure.server.socket_dir().display(),
            secure.server.port
        );
        load_with(&format!("{socket} sslmode=verify-full"), &Env::of_vars([])).unwrap();
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(".pgpass");
        fs::write(&path, format!("localhost:{}:*:ann:right\n", secure.server.port)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let mut env = Env::of_vars([]);
        env.home = Some(home.path().to_owned());
        load_with(&secure.to("ann", ""), &env).unwrap();
    }
}

#[test]
fn sslmodes_verify_what_they_say() {
    for major in oldest_and_newest() {
        let secure = secure(major);
        let attempt = |user: &str, more: &str| load_with(&secure.to(user, more), &Env::of_vars([]));
        let (ours, stranger) = (secure.file("ca.crt"), secure.file("stranger.crt"));
        // `tls` gets in over TLS alone, `plain` without it alone.
        for mode in ["allow", "prefer", "require"] {
            attempt("tls", &format!("sslmode={mode}")).unwrap_or_else(|e| panic!("{major} {mode}: {e}"));
        }
        for mode in ["disable", "allow", "prefer"] {
            attempt("plain", &format!("sslmode={mode}")).unwrap_or_else(|e| panic!("{major} {mode}: {e}"));
        }
        assert!(matches!(attempt("tls", "sslmode=disable"), Err(Error::Auth { .. })));
        assert!(matches!(attempt("plain", "sslmode=require"), Err(Error::Auth { .. })));
        for mode in ["require", "verify-ca", "verify-full"] {
            attempt("tls", &format!("sslmode={mode} sslrootcert={ours}"))
                .unwrap_or_else(|e| panic!("{major} {mode}: {e}"));
            let error = attempt("tls", &format!("sslmode={mode} sslrootcert={stranger}")).unwrap_err();
            assert!(matches!(error, Error::Tls { .. }), "{major} {mode}: {error}");
        }
        let by_address = |mode: &str| {
            let text = format!(
                "host=127.0.0.1 port={} user=tls dbname=postgres sslmode={mode} sslrootcert={ours}",
                secure.server.port
            );
            load_with(&text, &Env::of_vars([]))
        };
        by_address("verify-ca").unwrap();
        let error = by_address("verify-full").unwrap_err();
        assert!(matches!(&error, Error::Tls { because, .. } if because.contains("name")), "{error}");
        let error = attempt("tls", "sslmode=verify-full").unwrap_err();
        assert!(error.to_string().contains("sslrootcert"), "{error}");
        if major >= 17 {
            attempt("tls", &format!("sslmode=verify-full sslrootcert={ours} sslnegotiation=direct")).unwrap();
        }
        // SCRAM with channel binding came with 11.
        let bound = attempt("ann", "password=right sslmode=require channel_binding=require");
        assert_eq!(bound.is_ok(), major >= 11, "{:?}", bound.err());
    }
}

#[test]
fn client_certificates() {
    for major in oldest_and_newest() {
        let secure = secure(major);
        let files = format!("sslcert={} sslkey={}", secure.file("client.crt"), secure.file("client.key"));
        load_with(&secure.to("cert", &format!("sslmode=require {files}")), &Env::of_vars([])).unwrap();
        let error = load_with(&secure.to("cert", "sslmode=require"), &Env::of_vars([])).unwrap_err();
        assert!(matches!(error, Error::Auth { .. }), "{error}");
        let open = secure.file("open.key");
        fs::copy(secure.file("client.key"), &open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o644)).unwrap();
        let files = format!("sslcert={} sslkey={open}", secure.file("client.crt"));
        let error = load_with(&secure.to("cert", &format!("sslmode=require {files}")), &Env::of_vars([])).unwrap_err();
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

/// A server whose certificate signed itself, and a client that was given that very certificate.
#[test]
fn a_self_signed_server_is_trusted_when_named() {
    let secure = secure(oldest_and_newest()[0]);
    let data = secure.server.dir.join("data");
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = params.self_signed(&key).unwrap().pem();
    let server = Server::private(secure.server.major, &[], Some(HBA));
    let owner = fs::metadata(&data).unwrap();
    for (name, text) in [("server.crt", own.clone()), ("server.key", key.serialize_pem())] {
        let path = server.dir.join("data").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        std::os::unix::fs::chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    let mut sql = crate::support::Session::open(&server.url("postgres"));
    sql.run("ALTER SYSTEM SET ssl = on");
    sql.run("SELECT pg_reload_conf()");
    std::thread::sleep(Duration::from_millis(300));
    let file = secure.file("own.crt");
    fs::write(&file, own).unwrap();
    let to = |host: &str, root: &str| {
        format!(
            "host={host} hostaddr=127.0.0.1 port={} user=postgres dbname=postgres sslmode=verify-full sslrootcert={root}",
            server.port
        )
    };
    load_with(&to("localhost", &file), &Env::of_vars([])).unwrap();
    assert!(matches!(load_with(&to("db.example", &file), &Env::of_vars([])), Err(Error::Tls { .. })));
    assert!(matches!(load_with(&to("localhost", &secure.file("ca.crt")), &Env::of_vars([])), Err(Error::Tls { .. })));
}

#[test]
fn several_hosts_and_the_wanted_role() {
    let server = Server::major(majors()[0]);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let both = |attrs: &str| {
        try_load(&format!(
            "postgresql://postgres@127.0.0.1:{nobody},127.0.0.1:{}/postgres?target_session_attrs={attrs}",
            server.port
        ))
    };
    for attrs in ["any", "read-write", "primary", "prefer-standby"] {
        both(attrs).unwrap_or_else(|e| panic!("{attrs}: {e}"));
    }
    let error = both("standby").unwrap_err();
    assert!(matches!(&error, Error::WrongRole { wanted, .. } if wanted == "standby"), "{error}");
    let error = try_load(&server.url("nowhere")).unwrap_err();
    assert!(matches!(&error, Error::UnknownDatabase { database, .. } if database == "nowhere"), "{error}");
    let error = try_load(&format!("postgresql://postgres@127.0.0.1:{nobody}/postgres")).unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error}");
    let error = try_load("postgresql://postgres@no-such-host.invalid/postgres").unwrap_err();
    assert!(matches!(&error, Error::Unreachable { at, .. } if at == "no-such-host.invalid:5432"), "{error}");
}

#[test]
fn a_server_that_hangs_ends_in_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let started = Instant::now();
    let error = try_load(&format!("postgresql://u@127.0.0.1:{port}/d?connect_timeout=1")).unwrap_err();
    assert!(matches!(error, Error::Timeout { seconds: 1, .. }), "{error}");
    assert!(started.elapsed() < Duration::from_secs(3));
    assert!(error.to_string().contains("did not answer within 1 s while connecting"), "{error}");
}

#[test]
fn something_else_listens_there() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        }
    });
    let error = try_load(&format!("postgresql://u@127.0.0.1:{port}/d?connect_timeout=3")).unwrap_err();
    assert!(matches!(error, Error::NotAServer { .. }), "{error}");
}

#[test]
fn catalog_files_that_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let load = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        try_load(&path.display().to_string()).unwrap_err()
    };
    let error = load("newer.json", br#"{"format": 7, "tables": "changed"}"#);
    assert_eq!(error, Error::NewerFormat { found: 7, known: 1 });
    let error = load("broken.json", b"{\"format\": 1,\n \"tables\": [}");
    assert!(matches!(error, Error::BadSnapshot { line: 2, .. }), "{error}");
    assert!(load("other.json", b"{\"name\": \"x\"}").to_string().contains("format"));
    assert!(load("empty.json", b"").to_string().contains("it is empty"));
    assert!(load("binary.json", &[0xff, 0xfe, 0]).to_string().contains("not a text file"));
    let error = try_load("./no/such/catalog.json").unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error}");
}

#[test]
fn a_saved_catalog_is_the_one_that_was_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("catalog.json");
    fs::write(&path, db::to_json(&db::demo())).unwrap();
    assert_eq!(try_load(&path.display().to_string()).unwrap(), db::demo());
    assert_eq!(try_load("demo").unwrap(), db::demo());
}
