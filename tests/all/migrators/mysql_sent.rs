//! Tools that cannot be had, on MySQL and MariaDB: their files sent by a plain client in the way each of them sends a file, on every
//! server, each file twice, and back; the session is afterwards as it was.

use super::mysql::{prepared, the_case};
use crate::mysql_inspect::load;
use crate::mysql_plans::{Case, Client, policy, structure};
use crate::sql_tools::goose;
use crate::support::{MysqlDatabase, MysqlServer, MysqlSession, on_each_mysql};
use sidestep::export::{ExportOptions, package};
use sidestep::plan::{Plan, Policy};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const CASES: [&str; 3] = ["rename-column", "not-null", "hostile"];

/// How one tool sends a file; none where the file is not for this way.
type Send = fn(&mut Session<'_>, &str) -> Result<(), String>;

struct Session<'s> {
    sql: MysqlSession,
    client: Client<'s>,
}

struct Sender {
    format: &'static str,
    up: (&'static str, Send),
    down: Option<(&'static str, Send)>,
}

/// golang-migrate's driver with `multiStatements=true`, and Prisma's own engine: the file is one packet.
fn packet(session: &mut Session<'_>, text: &str) -> Result<(), String> {
    session.sql.try_run(text).map_err(|why| why.message)
}

/// goose: statement by statement, in its transaction, on one connection.
fn by_goose(session: &mut Session<'_>, text: &str, up: bool) -> Result<(), String> {
    let (statements, transaction) = goose(text, up);
    assert!(transaction, "without its transaction goose takes any connection of its pool");
    session.sql.run("START TRANSACTION");
    for sql in statements {
        // As goose hands it over: with the semicolon, and the driver takes one statement a call.
        let sql = sql.trim().trim_end_matches(';').trim_end();
        if let Err(why) = session.sql.try_run(sql) {
            session.sql.run("ROLLBACK");
            return Err(why.message);
        }
    }
    session.sql.run("COMMIT");
    Ok(())
}

/// `DELIMITER` is Flyway's word as it is the client's.
fn by_client(session: &mut Session<'_>, text: &str) -> Result<(), String> {
    session.client.run(text, "").map(drop)
}

const SENDERS: [Sender; 4] = [
    Sender { format: "golang-migrate", up: (".up.sql", packet), down: Some((".down.sql", packet)) },
    Sender { format: "prisma", up: ("/migration.sql", packet), down: None },
    Sender {
        format: "goose",
        up: (".sql", |s, text| by_goose(s, text, true)),
        down: Some((".sql", |s, text| by_goose(s, text, false))),
    },
    Sender { format: "flyway", up: (".sql", by_client), down: None },
];

/// The tool's folder with the stages up to `most`, by the number of each file.
fn folder(plan: &Plan, format: &str, most: usize) -> BTreeMap<u64, Vec<(String, String)>> {
    let mut present = BTreeMap::new();
    let mut earlier = None;
    for at in 0..most {
        let options = ExportOptions { present: present.clone(), ..ExportOptions::default() };
        let made = package(plan, &[format], &options, earlier.as_ref(), at > 0).unwrap();
        present.extend(made.migrations);
        let over = made.manifest.stages.iter().all(|s| s.first.is_some());
        earlier = Some(made.manifest);
        if over {
            break;
        }
    }
    let mut files: BTreeMap<u64, Vec<(String, String)>> = BTreeMap::new();
    for (path, text) in present {
        let digits: String = path.trim_start_matches('V').chars().take_while(char::is_ascii_digit).collect();
        if let Ok(number) = digits.parse() {
            files.entry(number).or_default().push((path, text));
        }
    }
    files
}

fn session<'s>(server: &'s MysqlServer, database: &'s MysqlDatabase) -> Session<'s> {
    Session { sql: database.session(), client: Client { server, database } }
}

fn settings(session: &mut Session<'_>) -> Vec<Vec<String>> {
    session.sql.rows(
        "SELECT @@SESSION.sql_mode, @@SESSION.lock_wait_timeout, @@SESSION.innodb_lock_wait_timeout, @@autocommit",
    )
}

/// None where an old server does not have what the plan needs, and the plan is refused in words.
fn planned(server: &MysqlServer, database: &MysqlDatabase, case: &Case, policy: &Policy) -> Option<Plan> {
    match sidestep::change::plan(&case.wish, &load(database), policy) {
        Ok(plan) => Some(plan),
        Err(why) => {
            assert_eq!(server.name, "mysql-5.6", "{}: {why}", case.name);
            None
        }
    }
}

fn there(server: &MysqlServer, case: &Case, sender: &Sender) -> Result<(), String> {
    let database = prepared(server, case);
    let Some(plan) = planned(server, &database, case, &policy()) else { return Ok(()) };
    let mut session = session(server, &database);
    let before = settings(&mut session);
    let (end, send) = sender.up;
    for (path, text) in folder(&plan, sender.format, 9).values().flatten().filter(|(p, _)| p.ends_with(end)) {
        for time in ["", " the second time"] {
            send(&mut session, text).map_err(|why| format!("{path}{time}: {why}"))?;
            if settings(&mut session) != before {
                return Err(format!("{path} leaves the session otherwise"));
            }
        }
    }
    let naive = prepared(server, case);
    Client { server, database: &naive }.run(&case.wish, "")?;
    let (wanted, found) = (structure(&naive), structure(&database));
    if wanted == found { Ok(()) } else { Err(format!("ends otherwise:\n{wanted:#?}\n{found:#?}")) }
}

fn and_back(server: &MysqlServer, case: &Case, sender: &Sender) -> Result<(), String> {
    let Some((end, send)) = sender.down else { return Ok(()) };
    let database = prepared(server, case);
    let Some(plan) = planned(server, &database, case, &policy()) else { return Ok(()) };
    let mut session = session(server, &database);
    let start = structure(&database);
    let files = folder(&plan, sender.format, 1);
    for (path, text) in files.values().flatten().filter(|(p, _)| p.ends_with(sender.up.0)) {
        (sender.up.1)(&mut session, text).map_err(|why| format!("{path}: {why}"))?;
    }
    for (path, text) in files.values().rev().flatten().filter(|(p, _)| p.ends_with(end)) {
        for time in ["", " the second time"] {
            send(&mut session, text).map_err(|why| format!("{path} back{time}: {why}"))?;
        }
    }
    let found = structure(&database);
    if start == found { Ok(()) } else { Err(format!("the way back ends elsewhere:\n{start:#?}\n{found:#?}")) }
}

/// A reader is in the way of the first file: it gives up after its second, and goes through when the reader is gone.
fn through_a_lock(server: &MysqlServer, sender: &Sender) -> Result<(), String> {
    let case = the_case("rename-column");
    let database = prepared(server, &case);
    let policy = Policy { lock_timeout_ms: 1000, ..policy() };
    let Some(plan) = planned(server, &database, &case, &policy) else { return Ok(()) };
    let files = folder(&plan, sender.format, 1);
    let (path, text) = files.values().flatten().find(|(p, _)| p.ends_with(sender.up.0)).unwrap();
    let mut reader = database.session();
    reader.run("START TRANSACTION");
    reader.run("SELECT COUNT(*) FROM users");
    let began = Instant::now();
    let mut first = session(server, &database);
    match (sender.up.1)(&mut first, text) {
        Ok(()) => return Err(format!("{path} did not wait for the reader")),
        Err(why) if !why.contains("Lock wait timeout") => return Err(format!("{path}: {why}")),
        Err(_) => {}
    }
    let took = began.elapsed();
    if took > Duration::from_secs(8) {
        return Err(format!("{path} waited for {took:?}"));
    }
    reader.run("COMMIT");
    (sender.up.1)(&mut session(server, &database), text).map_err(|why| format!("{path} again: {why}"))
}

#[test]
fn files_run_as_the_tools_send_them() {
    let found = on_each_mysql(|server| {
        let mut wrong = Vec::new();
        for sender in &SENDERS {
            for name in CASES {
                let case = the_case(name);
                let tries = [("", there(server, &case, sender)), ("back ", and_back(server, &case, sender))];
                wrong.extend(tries.into_iter().filter_map(|(way, done)| {
                    done.err().map(|why| format!("{} {} {way}with {name}: {why}", server.name, sender.format))
                }));
            }
            if let Err(why) = through_a_lock(server, sender) {
                wrong.push(format!("{} {} through a lock: {why}", server.name, sender.format));
            }
        }
        wrong
    });
    let wrong: Vec<String> = found.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
