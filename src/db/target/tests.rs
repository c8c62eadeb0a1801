//! Where a target's settings come from, in what order, and that no password is printed.

use super::*;
use std::path::Path;

fn server(text: &str, env: &Env) -> (Conninfo, Vec<String>) {
    let target = parse(text, env).unwrap();
    let shown = target.origin().iter().map(|o| format!("{}={} from {}", o.what, o.value, o.source)).collect();
    let Target::Server(server) = target else { panic!("{text} is no server") };
    (server.conninfo, shown)
}

fn env_with_home(home: &Path, vars: &[(&str, &str)]) -> Env {
    let mut env = Env::of_vars([]);
    for (name, value) in vars {
        env.set(name, value);
    }
    env.home = Some(home.to_owned());
    env.os_user = Some("ann".to_owned());
    env
}

#[test]
fn words_files_and_other_schemes() {
    let env = Env::of_vars([]);
    for demo in crate::db::DEMOS {
        assert_eq!(parse(demo.word, &env).unwrap(), Target::Demo(demo));
        assert_eq!(Target::Demo(demo).to_string(), demo.word);
    }
    assert_eq!(parse("x/catalog.json", &env).unwrap(), Target::File("x/catalog.json".into()));
    assert!(parse("prod", &env).unwrap_err().to_string().contains("`prod` is no profile"));
    assert!(parse("oracle://h/d", &env).unwrap_err().to_string().contains("mysql://"));
    assert!(parse("$NONE", &env).unwrap_err().to_string().contains("`NONE` is not set"));
}

#[test]
fn the_text_wins_then_the_service_then_the_environment() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".pg_service.conf"), "[prod]\nhost=from-service\nport=5433\nuser=bob\n").unwrap();
    let vars = [("PGHOST", "from-env"), ("PGPORT", "9"), ("PGDATABASE", "shop"), ("PGPASSWORD", "s3cret")];
    let env = env_with_home(home.path(), &vars);
    let (c, origin) = server("service=prod host=from-text", &env);
    assert_eq!(
        (c.hosts[0].to_string().as_str(), c.user.as_str(), c.database.as_str()),
        ("from-text:5433", "bob", "shop")
    );
    assert!(origin.contains(&"host=from-text from the connection string".to_owned()), "{origin:?}");
    assert!(origin.contains(&"dbname=shop from PGDATABASE".to_owned()), "{origin:?}");
    assert!(origin.contains(&"password=… from PGPASSWORD".to_owned()), "{origin:?}");
    assert!(origin.iter().any(|o| o.starts_with("user=bob from the service `prod`")), "{origin:?}");
    let error = parse("service=gone", &env).unwrap_err().to_string();
    assert!(error.contains("no service `gone`"), "{error}");
}

#[test]
fn defaults_are_those_of_libpq() {
    let home = tempfile::tempdir().unwrap();
    let mut env = env_with_home(home.path(), &[]);
    let (c, origin) = server("", &env);
    assert_eq!(
        (c.hosts[0].to_string().as_str(), c.user.as_str(), c.database.as_str()),
        ("localhost:5432", "ann", "ann")
    );
    assert_eq!((c.tls.mode, c.connect_timeout.as_secs(), c.session), (SslMode::Prefer, 10, SessionAttrs::Any));
    assert!(origin.contains(&"user=ann from the operating system's user".to_owned()), "{origin:?}");
    std::fs::write(home.path().join(".s.PGSQL.5432"), "").unwrap();
    env.socket_dirs = vec![home.path().to_owned()];
    assert!(server("", &env).0.hosts[0].is_socket());
}

#[test]
fn several_hosts_take_one_port_or_one_each() {
    let mut env = Env::of_vars([]);
    env.os_user = Some("u".into());
    let hosts = |text| server(text, &env).0.hosts.iter().map(Host::to_string).collect::<Vec<_>>().join(" ");
    assert_eq!(hosts("postgresql://a:1,b,[::1]:3/d?target_session_attrs=standby"), "a:1 b:5432 [::1]:3");
    assert_eq!(hosts("host=a,b port=7"), "a:7 b:7");
    assert_eq!(hosts("host=db hostaddr=10.0.0.1"), "db:5432");
    for bad in
        ["host=a,b,c port=1,2", "port=70000", "host=a,b hostaddr=10.0.0.1", "sslmode=maybe", "colour=red", "sslcrl=x"]
    {
        assert!(parse(bad, &env).is_err(), "{bad}");
    }
}

#[test]
fn tls_settings_follow_the_files_at_home() {
    let home = tempfile::tempdir().unwrap();
    let env = env_with_home(home.path(), &[]);
    assert_eq!(server("sslmode=verify-ca", &env).0.tls.roots, Roots::None);
    let dir = home.path().join(".postgresql");
    std::fs::create_dir(&dir).unwrap();
    for file in ["root.crt", "postgresql.crt", "postgresql.key"] {
        std::fs::write(dir.join(file), "").unwrap();
    }
    let tls = server("sslmode=require", &env).0.tls;
    assert_eq!(tls.roots, Roots::File(dir.join("root.crt")));
    assert_eq!(tls.client, Some((dir.join("postgresql.crt"), dir.join("postgresql.key"))));
    assert_eq!(server("sslrootcert=system", &env).0.tls.mode, SslMode::VerifyFull);
    assert!(parse("sslrootcert=system sslmode=require", &env).is_err());
}

#[cfg(unix)]
#[test]
fn the_password_file_is_asked_for_each_host() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".pgpass");
    std::fs::write(&path, "a:*:shop:ann:one\nb:*:*:*:two\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let env = env_with_home(home.path(), &[]);
    let (c, _) = server("postgresql://a,b/shop", &env);
    let passwords: Vec<_> = c.hosts.iter().map(|h| h.password.as_ref().unwrap().reveal()).collect();
    assert_eq!(passwords, ["one", "two"]);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let target = parse("postgresql://a/shop", &env).unwrap();
    assert!(target.warnings()[0].contains("chmod 600"), "{:?}", target.warnings());
}

#[test]
fn no_password_is_ever_printed() {
    let env = env_with_home(
        Path::new("/none"),
        &[("DATABASE_URL", "postgres://bob:hunter2@db/shop"), ("PGPASSWORD", "hunter2")],
    );
    let target = parse("$DATABASE_URL", &env).unwrap();
    assert_eq!(target.to_string(), "postgresql://bob@db:5432/shop");
    let Target::Server(server) = &target else { panic!() };
    let printed = format!("{target:?} {:?} {:?} {env:?} {:?}", server.conninfo, target.origin(), found(&env));
    assert!(!printed.contains("hunter2"), "{printed}");
    let asked = target.with_password("swordfish");
    assert!(!format!("{asked:?}").contains("swordfish"));
}

#[test]
fn sources_are_found_without_connecting() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join(".pg_service.conf"), "[prod]\nhost=db9\nuser=u\n").unwrap();
    std::fs::write(home.path().join(".s.PGSQL.6000"), "").unwrap();
    let mut env = env_with_home(
        home.path(),
        &[("DATABASE_URL", "postgres://bob@db/shop"), ("PGHOST", "h"), ("A_URL", "postgresql://z/")],
    );
    env.socket_dirs = vec![home.path().to_owned()];
    let all = found(&env);
    let labels: Vec<_> = all.iter().map(|f| f.label.as_str()).collect();
    assert_eq!(labels[..2], ["postgresql://bob@db:5432/shop", "postgresql://ann@z:5432/ann"]);
    assert_eq!((all[2].source.as_str(), all[2].label.as_str()), ("PGHOST", "postgresql://ann@h:5432/ann"));
    assert_eq!((all[3].target.as_str(), all[3].label.as_str()), ("service='prod'", "postgresql://u@db9:5432/u"));
    assert!(all[4].label.ends_with(":6000/ann"), "{all:?}");
    for one in &all {
        assert!(parse(&one.target, &env).is_ok(), "{one:?}");
    }
}
