//! A publisher and its subscriber on one server: the plan runs on the one, its steps for subscribers on the other, and
//! rows arrive after every step.

use super::drive::{Drive, make_plan};
use super::journey::read;
use crate::support::case::{self, Case};
use crate::support::{Server, Session, majors, on_each};
use sidestep::plan::{Act, Step};
use std::time::{Duration, Instant};

/// Cases of `replication` with the published table that is written to.
const CASES: &[(&str, &str)] = &[
    ("add-column", "\"Orders\""),
    ("column-list", "orders"),
    ("drop-column", "orders"),
    ("rename-sync", "orders"),
    ("set-not-null", "orders"),
    ("type-swap", "orders"),
];

#[test]
fn rows_arrive_while_plans_run() {
    let failures: Vec<String> = on_each(&majors(), |major| {
        // Hurried workers: one that stopped with an error is started again at once.
        let server = Server::private(major, &[("wal_retrieve_retry_interval", "100ms")], None);
        let wanted = std::env::var("SIDESTEP_CASE").unwrap_or_default();
        let of_case = |(name, table): &(&str, &str)| {
            let case = case::all().into_iter().find(|c| c.kind == "replication" && c.name == *name)?;
            let meant = wanted.split(',').any(|w| case.id().contains(w)) && case.versions.iter().min() <= Some(&major);
            let outcome = if meant { followed(&server, &case, table) } else { Ok(()) };
            outcome.err().map(|why| format!("{} on {major}: {why}", case.id()))
        };
        CASES.iter().filter_map(of_case).collect::<Vec<_>>()
    })
    .into_iter()
    .flat_map(|(_, failures)| failures)
    .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn followed(server: &Server, case: &Case, table: &str) -> Result<(), String> {
    let (publisher, subscriber) = (server.fresh_database(), server.fresh_database());
    let mut source = publisher.session();
    let mut copy = subscriber.session();
    source.run(&case.setup);
    source.run(&case.rows);
    let published = source.value("SELECT pubname FROM pg_publication");
    let tables: String = case.setup.split_inclusive(';').filter(|s| !s.contains("CREATE PUBLICATION")).collect();
    copy.run(&tables);
    let slot = publisher.name.clone();
    source.run(&format!("SELECT pg_create_logical_replication_slot('{slot}', 'pgoutput')"));
    copy.run(&format!(
        "CREATE SUBSCRIPTION {slot} CONNECTION 'host=127.0.0.1 port={} dbname={} user=postgres' PUBLICATION {published} WITH (create_slot = false, slot_name = '{slot}')",
        server.port, publisher.name
    ));
    let outcome = (|| {
        arrived(&mut source, &mut copy, table)?;
        let plan = make_plan(case, &read(&publisher))?;
        let mut drive = Drive::new(plan, &publisher, "subscribers")?;
        let steps = drive.steps();
        for (nth, step) in steps.iter().enumerate() {
            let at = |why: String| format!("step {} ({}): {why}", step.id, step.title);
            match &step.act {
                Act::External { command, .. } => {
                    let command = command.replace("SUBSCRIPTION …", &format!("SUBSCRIPTION {slot}"));
                    let alone = !command.starts_with("BEGIN");
                    for sql in
                        command.split_inclusive(";\n").filter(|_| alone).chain((!alone).then_some(command.as_str()))
                    {
                        copy.try_run(sql).map_err(|why| at(format!("{} {}", why.code, why.message)))?;
                    }
                }
                _ => drive.send(step).map_err(at)?,
            }
            write(&mut source, table, nth).map_err(at)?;
            let waits = |next: &Step| next.title.contains("right after: ");
            if !steps.get(nth + 1).is_some_and(waits) {
                arrived(&mut source, &mut copy, table).map_err(at)?;
            }
        }
        Ok(())
    })();
    copy.run(&format!("ALTER SUBSCRIPTION {slot} DISABLE; ALTER SUBSCRIPTION {slot} SET (slot_name = NONE)"));
    copy.run(&format!("DROP SUBSCRIPTION {slot}"));
    outcome
}

/// A new row, a changed one and one less, whatever the columns are by now.
fn write(sql: &mut Session, table: &str, nth: usize) -> Result<(), String> {
    let id = 1000 + nth;
    let statements = format!(
        "INSERT INTO {table} SELECT (jsonb_populate_record(t, '{{\"id\": {id}, \"code\": \"c{id}\", \"note\": \"n\"}}')).* FROM {table} t ORDER BY id LIMIT 1;
         UPDATE {table} SET id = id + 5000 WHERE id = 20 + {nth};
         DELETE FROM {table} WHERE id = 40 + {nth}"
    );
    sql.try_run(&statements).map_err(|why| format!("writing: {} {}", why.code, why.message))
}

/// Waits until both have the same rows in the columns that both have.
fn arrived(source: &mut Session, copy: &mut Session, table: &str) -> Result<(), String> {
    let columns = |sql: &mut Session| {
        sql.column(&format!(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attname"
        ))
    };
    let (mine, theirs) = (columns(source), columns(copy));
    let listed = listed(source, table);
    let both: Vec<&String> =
        mine.iter().filter(|c| theirs.contains(c) && (listed.is_empty() || listed.contains(c))).collect();
    let list = both.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", ");
    let question = format!("SELECT {list} FROM {table} ORDER BY id");
    let wanted = source.rows(&question);
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let found = copy.rows(&question);
        if found == wanted {
            return Ok(());
        }
        if Instant::now() > deadline {
            let lost: Vec<_> = wanted.iter().filter(|r| !found.contains(r)).take(3).collect();
            return Err(format!("rows do not arrive: {} of {}, without {lost:?}", found.len(), wanted.len()));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The columns of a column list; empty: all.
fn listed(source: &mut Session, table: &str) -> Vec<String> {
    if source.value("SELECT current_setting('server_version_num')::int >= 150000") == "f" {
        return Vec::new();
    }
    source.column(&format!(
        "SELECT quote_ident(a.attname) FROM pg_publication_rel r JOIN pg_attribute a ON a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs) WHERE r.prrelid = '{table}'::regclass"
    ))
}
