//! Connecting to real MySQL and MariaDB servers, and to things that are none; questions over the open session.

use super::connect::make_certificates;
use super::mysql_inspect::{load, try_load};
use crate::support::{MysqlServer, MysqlSession, Server, majors, mysqls, on_each_mysql};
use sidestep::db::target::{Env, Target, parse};
use sidestep::db::{self, Error};
use sidestep::model::Catalog;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, Instant};

fn attempt(server: &MysqlServer, login: &str, rest: &str) -> Result<Catalog, Error> {
    try_load(&format!("mysql://{login}@127.0.0.1:{}/{rest}", server.port))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn logins_and_their_failures() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        let name = &database.name;
        let wrong = attempt(server, "tester:hunter2", name).unwrap_err();
        assert!(matches!(&wrong, Error::Auth { user, .. } if user == "tester"), "{}: {wrong}", server.name);
        assert!(!format!("{wrong} {wrong:?}").contains("hunter2"));
        let none = attempt(server, "tester", name).unwrap_err();
        assert!(matches!(&none, Error::PasswordNeeded { .. }) && none.to_string().contains(".my.cnf"), "{none}");
        let target = parse(&format!("mysql://tester@127.0.0.1:{}/{name}", server.port), &Env::of_vars([])).unwrap();
        runtime().block_on(db::load(&target.with_password("tester"))).unwrap();
        let unknown = attempt(server, "tester:tester", "nowhere").unwrap_err();
        assert!(matches!(&unknown, Error::UnknownDatabase { database, .. } if database == "nowhere"), "{unknown}");
        assert!(unknown.to_string().contains("SHOW DATABASES"), "{unknown}");
        let nothing = attempt(server, "tester:tester", "").unwrap_err();
        assert!(matches!(nothing, Error::NoDatabase { .. }), "{nothing}");
        // By the socket, and by the words of MariaDB.
        let socket = format!("mariadb://tester:tester@/{name}?socket={}", server.socket().display());
        assert_eq!(try_load(&socket).unwrap().database, *name);
    });
}

/// MySQL 9.7 knows caching_sha2_password alone: over TLS, and by the server's public key without; MariaDB and 5.6 the native one.
#[test]
fn passwords_without_and_with_tls() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        let name = &database.name;
        for mode in ["DISABLED", "PREFERRED"] {
            // A new account each: the server remembers a password that was once right, and then asks for less.
            let user = format!("{}{}", mode.to_lowercase().split_at(4).0, name);
            let grant = format!("GRANT ALL ON {name}.* TO '{user}'@'%'");
            database.session().run(&format!("CREATE USER '{user}'@'%' IDENTIFIED BY 'p@ss'; {grant}"));
            attempt(server, &format!("{user}:p%40ss"), &format!("{name}?ssl-mode={mode}"))
                .unwrap_or_else(|why| panic!("{} {mode}: {why}", server.name));
        }
        let offers = matches!(server.name, "mysql-9.7" | "mariadb-11.8");
        match attempt(server, "tester:tester", &format!("{name}?ssl-mode=REQUIRED")) {
            Ok(_) => assert!(offers, "{}", server.name),
            Err(why) => {
                let none = matches!(&why, Error::Tls { because, .. } if because.contains("no TLS"));
                assert!(!offers && none, "{}: {why}", server.name);
            }
        }
        for mode in ["VERIFY_CA", "VERIFY_IDENTITY"] {
            let why = attempt(server, "tester:tester", &format!("{name}?ssl-mode={mode}")).unwrap_err();
            assert!(matches!(why, Error::Tls { .. }), "{}: {why}", server.name);
        }
    });
}

#[test]
fn ssl_modes_verify_what_they_say() {
    for name in mysqls().into_iter().filter(|n| ["mariadb-10.11", "mysql-9.7"].contains(n)) {
        let certs = tempfile::tempdir().unwrap();
        make_certificates(certs.path());
        let at = |file: &str| certs.path().join(file).display().to_string();
        // The server's user has to read them.
        let shared = std::env::temp_dir().join(format!("sidestep-my-certs-{}-{name}", std::process::id()));
        fs::create_dir(&shared).unwrap();
        let owner = fs::metadata(&MysqlServer::of(name).dir).unwrap();
        for file in ["ca.crt", "server.crt", "server.key"] {
            fs::copy(certs.path().join(file), shared.join(file)).unwrap();
            std::os::unix::fs::chown(shared.join(file), Some(owner.uid()), Some(owner.gid())).unwrap();
        }
        let option = |option: &str, file: &str| format!("--{option}={}", shared.join(file).display());
        let options = [option("ssl-ca", "ca.crt"), option("ssl-cert", "server.crt"), option("ssl-key", "server.key")];
        let server = MysqlServer::private(name, &[&options[0], &options[1], &options[2]]);
        fs::remove_dir_all(&shared).unwrap();
        MysqlSession::open(&server.url("mysql")).run("SET GLOBAL require_secure_transport = ON");
        let to =
            |host: &str, more: &str| try_load(&format!("mysql://tester:tester@{host}:{}/mysql?{more}", server.port));
        let (ours, stranger) = (at("ca.crt"), at("stranger.crt"));
        for more in [String::new(), "ssl-mode=REQUIRED".into(), format!("ssl-mode=REQUIRED&ssl-ca={stranger}")] {
            to("127.0.0.1", &more).unwrap_or_else(|why| panic!("{name} {more}: {why}"));
        }
        let plain = to("127.0.0.1", "ssl-mode=DISABLED").unwrap_err();
        assert!(matches!(&plain, Error::Refused { .. } | Error::Auth { .. }), "{name}: {plain}");
        for (host, mode, ca, fine) in [
            ("localhost", "VERIFY_IDENTITY", &ours, true),
            ("127.0.0.1", "VERIFY_IDENTITY", &ours, false),
            // Its certificate is for another name, and its authority is ours.
            ("127.0.0.1", "VERIFY_CA", &ours, true),
            ("localhost", "VERIFY_CA", &stranger, false),
            ("localhost", "VERIFY_IDENTITY", &stranger, false),
        ] {
            match to(host, &format!("ssl-mode={mode}&ssl-ca={ca}&protocol=tcp")) {
                Ok(_) => assert!(fine, "{name} {host} {mode}"),
                Err(why) => assert!(!fine && matches!(why, Error::Tls { .. }), "{name} {host} {mode}: {why}"),
            }
        }
        let file = to("localhost", "ssl-mode=VERIFY_CA&ssl-ca=/nowhere/ca.pem&protocol=tcp").unwrap_err();
        assert!(matches!(&file, Error::File { path, .. } if path == "/nowhere/ca.pem"), "{file}");
    }
}

#[test]
fn what_listens_there_is_told_by_its_name() {
    let (Some(name), Some(major)) = (mysqls().first().copied(), majors().last().copied()) else { return };
    let (mysql, postgres) = (MysqlServer::of(name), Server::major(major));
    let wrong = try_load(&format!("mysql://u:p@127.0.0.1:{}/d?connect_timeout=2", postgres.port)).unwrap_err();
    assert!(wrong.to_string().contains("is a server of PostgreSQL; name it by `postgresql://…`"), "{wrong}");
    let wrong = try_load(&format!("postgresql://u:p@127.0.0.1:{}/d", mysql.port)).unwrap_err();
    assert!(wrong.to_string().contains("is a server of MySQL or MariaDB; name it by `mysql://…`"), "{wrong}");
    let gone = try_load("mysql://u:p@127.0.0.1:1/d").unwrap_err();
    assert!(matches!(gone, Error::Unreachable { .. }), "{gone}");
    // Something that says nothing at all, and something that says nonsense.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let begun = Instant::now();
    let error = try_load(&format!("mysql://u:p@127.0.0.1:{port}/d?connect_timeout=1")).unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }) && begun.elapsed() < Duration::from_secs(8), "{error}");
    let loud = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = loud.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in loud.incoming().flatten() {
            let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let error = try_load(&format!("mysql://u:p@127.0.0.1:{port}/d?connect_timeout=2")).unwrap_err();
    assert!(matches!(error, Error::NotAServer { .. } | Error::Timeout { .. }), "{error:?}");
}

#[test]
fn a_server_that_goes_away() {
    let Some(name) = mysqls().first().copied() else { return };
    let server = MysqlServer::private(name, &[]);
    let database = server.fresh_database();
    let Target::Server(target) = parse(&database.url, &Env::of_vars([])).unwrap() else { panic!() };
    let runtime = runtime();
    let mut session = runtime.block_on(db::connect(&target.conninfo)).unwrap();
    runtime.block_on(db::inspect(&mut session)).unwrap();
    drop(server);
    let lost = runtime.block_on(db::inspect(&mut session)).unwrap_err();
    assert!(matches!(lost, Error::Lost { .. }), "{lost}");
    assert!(matches!(try_load(&database.url), Err(Error::Unreachable { .. })));
}

#[test]
fn questions_read_and_end() {
    on_each_mysql(|server| {
        let database = server.fresh_database();
        let mut sql = database.session();
        sql.run("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB; INSERT INTO t VALUES (1), (2), (3)");
        let Target::Server(target) = parse(&database.url, &Env::of_vars([])).unwrap() else { panic!() };
        runtime().block_on(async {
            let second = Duration::from_secs(1);
            let mut session = db::connect(&target.conninfo).await.unwrap();
            let all = "SELECT id, NULL AS n FROM t ORDER BY id";
            let answer = db::live::ask(&mut session, all, second).await.unwrap().unwrap();
            assert_eq!((answer.count, answer.value(), answer.first("n")), (3, Some("1"), None));
            let refused = db::live::ask(&mut session, "DELETE FROM t", second).await.unwrap().unwrap_err();
            assert!(refused.to_uppercase().contains("READ ONLY"), "{}: {refused}", server.name);
            let broken = db::live::ask(&mut session, "SELECT nope", second).await.unwrap().unwrap_err();
            assert!(broken.contains("nope"), "{broken}");
            // 5.6 has no limit of its own: the session is given up, and the server is told to stop.
            let slow = "SELECT COUNT(*) FROM information_schema.COLUMNS a, information_schema.COLUMNS b, \
                        information_schema.COLUMNS c WHERE CONCAT(a.COLUMN_NAME, b.COLUMN_NAME, c.COLUMN_NAME) LIKE '%no such%'";
            let begun = Instant::now();
            match db::live::ask(&mut session, slow, second).await {
                Ok(ended) => assert!(ended.unwrap_err().contains("1 s"), "{}", server.name),
                Err(error) => {
                    let given_up = matches!(error, Error::Timeout { .. }) && server.name == "mysql-5.6";
                    assert!(given_up && !session.is_idle(), "{}: {error}", server.name);
                }
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "{}", server.name);
            drop(session);
            let mut asker = db::connect(&target.conninfo).await.unwrap();
            let running = "SELECT COUNT(*) FROM information_schema.PROCESSLIST \
                           WHERE INFO LIKE '%LIKE%no such%' AND ID <> CONNECTION_ID()";
            let deadline = Instant::now() + Duration::from_secs(10);
            loop {
                let answer = db::live::ask(&mut asker, running, Duration::from_secs(5)).await.unwrap().unwrap();
                if answer.value() == Some("0") {
                    break;
                }
                assert!(Instant::now() < deadline, "{}: the query runs on", server.name);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        assert_eq!(MysqlSession::open(&database.url).value("SELECT COUNT(*) FROM t"), "3");
        assert_eq!(load(&database).tables.len(), 1);
    });
}
