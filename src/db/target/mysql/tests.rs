//! Where the settings of a MySQL target come from, and that no password is printed.

use super::super::{Target, found, parse};
use super::*;
use std::path::Path;

fn env_with_home(home: &Path) -> Env {
    let mut env = Env::of_vars([]);
    env.home = Some(home.to_owned());
    env.os_user = Some("ann".to_owned());
    env
}

fn server(text: &str, env: &Env) -> (Conninfo, Vec<String>) {
    let target = parse(text, env).unwrap();
    let shown = target.origin().iter().map(|o| format!("{}={} from {}", o.what, o.value, o.source)).collect();
    let Target::Server(server) = target else { panic!("{text} is no server") };
    (server.conninfo, shown)
}

#[test]
fn urls_of_many_tools() {
    let env = env_with_home(Path::new("/none"));
    let shown = |text: &str| {
        let target = parse(text, &env).unwrap();
        let Target::Server(server) = &target else { panic!("{text}") };
        format!("{target} {:?}", server.conninfo.tls.mode)
    };
    let cases = [
        ("mysql://bob:p@db/shop", "mysql://bob@db:3306/shop Prefer"),
        ("mariadb://bob@db:3307/shop?ssl-mode=required", "mysql://bob@db:3307/shop Require"),
        ("mysql2://bob@db/shop?sslmode=verify_identity", "mysql://bob@db:3306/shop VerifyFull"),
        ("mysql+pymysql://db/shop?charset=utf8mb4", "mysql://ann@db:3306/shop Prefer"),
        ("jdbc:mysql://db/shop?useSSL=false&user=eve", "mysql://eve@db:3306/shop Disable"),
        ("mysql://u@aws.connect.psdb.cloud/d?sslaccept=strict", "mysql://u@aws.connect.psdb.cloud:3306/d VerifyFull"),
        ("mysql://u@h/d?ssl={\"rejectUnauthorized\":true}", "mysql://u@h:3306/d VerifyFull"),
        ("mysql://u@h/d?tls=skip-verify&parseTime=true", "mysql://u@h:3306/d Require"),
        ("mysql://u@h/d?ssl-ca=/x/ca.pem", "mysql://u@h:3306/d VerifyCa"),
        ("mysql://u@/d?socket=/run/s", "mysql://u@/run/s/d Prefer"),
        ("mysql://u@localhost:3306/d?socket=/run/s", "mysql://u@/run/s/d Prefer"),
        ("mysql://u@[::1]:9/d", "mysql://u@[::1]:9/d Prefer"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
    for bad in [
        "mysql://h/d?ssl-mode=maybe",
        "mysql://a,b/d",
        "mysql://h:70000/d",
        "mysql://h/d?ssl-crl=x",
        "mysql://h/d?ssl-cert=x",
    ] {
        assert!(parse(bad, &env).is_err(), "{bad}");
    }
}

#[test]
fn option_files_and_what_they_include() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    std::fs::create_dir(at("conf.d")).unwrap();
    std::fs::write(at("conf.d/a.cnf"), "[client]\nport = 3310\n[mysql]\nuser=other\n").unwrap();
    std::fs::write(at("conf.d/b.txt"), "[client]\nport = 1\n").unwrap();
    std::fs::write(
        at("all.cnf"),
        format!("!includedir {}\n!include {}\n", at("conf.d").display(), at("all.cnf").display()),
    )
    .unwrap();
    let own = "# mine\n[client-mariadb]\nuser=bob\n[client]\nhost=\"db#1\" # here\npassword='s3 cret'\nloose_ssl_mode=REQUIRED\nskip-name\n[mysqld]\nport=7\n";
    std::fs::write(at(".my.cnf"), own).unwrap();
    let mut env = env_with_home(home.path());
    env.mysql_files = vec![at("all.cnf"), at("none.cnf")];
    let (c, origin) = server("mysql:///shop", &env);
    assert_eq!((c.hosts[0].to_string().as_str(), c.user.as_str(), c.database.as_str()), ("db#1:3310", "bob", "shop"));
    assert_eq!((c.tls.mode, c.password.as_ref().unwrap().reveal()), (SslMode::Require, "s3 cret"));
    assert!(origin.contains(&format!("user=bob from [client-mariadb] in {}", at(".my.cnf").display())), "{origin:?}");
    let (c, _) = server("mysql://eve:x@db2:9/d", &env);
    assert_eq!((c.hosts[0].to_string().as_str(), c.user.as_str(), c.password.unwrap().reveal()), ("db2:9", "eve", "x"));
    let target = parse("mysql:///shop", &env).unwrap();
    assert!(target.warnings()[0].contains("chmod 600"), "{:?}", target.warnings());
    let printed = format!("{target:?} {:?} {:?} {env:?} {:?}", target.origin(), target.warnings(), found(&env));
    assert!(!printed.contains("s3 cret"), "{printed}");
}

#[test]
fn variables_and_sockets() {
    let home = tempfile::tempdir().unwrap();
    let socket = home.path().join("a b.sock");
    std::fs::write(&socket, "").unwrap();
    let mut env = env_with_home(home.path());
    env.mysql_sockets = vec![socket.clone()];
    assert_eq!(server("mysql:///d", &env).0.hosts[0].to_string(), socket.display().to_string());
    assert_eq!(server("mysql://localhost/d", &env).0.hosts[0].port, 0);
    assert_eq!(server("mysql://localhost:3306/d", &env).0.hosts[0].to_string(), "localhost:3306");
    assert_eq!(server("mysql://127.0.0.1/d", &env).0.hosts[0].to_string(), "127.0.0.1:3306");
    assert_eq!(server("mysql://localhost/d?protocol=tcp", &env).0.hosts[0].to_string(), "localhost:3306");
    env.set("MYSQL_HOST", "envhost");
    env.set("MYSQL_TCP_PORT", "3399");
    env.set("MYSQL_PWD", "hunter2");
    let target = parse("mysql:///d", &env).unwrap();
    assert_eq!(target.to_string(), "mysql://ann@envhost:3399/d");
    assert!(target.warnings()[0].contains("MYSQL_PWD") && !target.warnings()[0].contains("hunter2"));
    env.set("DATABASE_URL", "mysql://bob:hunter2@db/shop");
    // As with their own clients: what the URL leaves open, the environment says.
    assert_eq!(parse("$DATABASE_URL", &env).unwrap().to_string(), "mysql://bob@db:3399/shop");
    let all = found(&env);
    let labels: Vec<_> = all.iter().map(|f| f.label.as_str()).collect();
    assert_eq!(labels[..2], ["mysql://bob@db:3399/shop", "mysql://ann@envhost:3399/"]);
    assert!(all.iter().all(|f| parse(&f.target, &env).is_ok()), "{all:?}");
    assert!(!format!("{all:?}").contains("hunter2"));
    // The socket of another place than the host's is offered by itself.
    assert!(all.last().unwrap().source.ends_with("a b.sock"), "{all:?}");
}
