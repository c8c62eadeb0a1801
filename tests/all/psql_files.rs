//! Exported psql files on a real server when things go wrong: wrong order, lock timeout, cancelled build, killed backfill,
//! no approval, undo from the middle.

use crate::support::sandbox::sample_plan;
use crate::support::{Database, Server, Session, majors};
use sidestep::export::{ExportOptions, export};
use sidestep::plan::Plan;
use std::fs;
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct Stage {
    directory: TempDir,
    files: Vec<String>,
    plan: Plan,
    database: Database,
    sql: Session,
}

impl Stage {
    fn new(major: u16) -> Self {
        let plan: Plan = serde_json::from_str(&fs::read_to_string(sample_plan()).unwrap()).unwrap();
        let directory = TempDir::new().unwrap();
        let files = export(&plan, "psql", &ExportOptions::default()).unwrap();
        for (path, content) in &files {
            let to = directory.path().join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, content).unwrap();
        }
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        sql.run(
            "CREATE TABLE users (id bigserial PRIMARY KEY, email varchar(255) NOT NULL UNIQUE, name varchar(100), \
             created_at timestamptz NOT NULL DEFAULT now())",
        );
        sql.run(
            "INSERT INTO users (email, name) SELECT 'u' || i, CASE WHEN i % 7 = 0 THEN 'Solo' || i ELSE 'First' || i || ' Last' || i END \
             FROM generate_series(1, 20000) i",
        );
        Self { directory, files: files.into_keys().collect(), plan, database, sql }
    }

    fn command(&self, file: &str, set: &[&str]) -> Command {
        let path = self.files.iter().find(|f| f.starts_with(file)).unwrap_or_else(|| panic!("no file {file}"));
        let mut command = Command::new("psql");
        command.current_dir(&self.directory).args(["-X", self.database.url.as_str(), "-f", path]);
        set.iter().for_each(|variable| {
            command.args(["-v", *variable]);
        });
        command
    }
    fn runs(&self, file: &str, set: &[&str]) -> String {
        let (ok, told) = told(self.command(file, set).output().unwrap());
        assert!(ok, "{file}: {told}");
        told
    }
    fn stops(&self, file: &str, set: &[&str], because: &str) {
        let (ok, told) = told(self.command(file, set).output().unwrap());
        assert!(!ok && told.contains(because), "{file} should stop with `{because}`: {told}");
    }
    /// A second session that stays in a transaction until it is dropped.
    fn holds(&self, sql: &str) -> Session {
        let mut holder = self.database.session();
        holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ");
        holder.run(sql);
        holder
    }
    fn waits_for(&mut self, condition: &str) {
        let begun = Instant::now();
        while self.sql.value(condition) != "true" {
            assert!(begun.elapsed() < Duration::from_secs(120), "never true: {condition}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn told(output: Output) -> (bool, String) {
    let text = |b: &[u8]| String::from_utf8_lossy(b).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn files_survive_what_happens_at_night() {
    for major in majors().into_iter().filter(|m| *m >= 11) {
        night(major);
    }
}

fn night(major: u16) {
    let mut stage = Stage::new(major);
    stage.stops("expand/02", &[], "step 1.1 is not done: run it first");

    let holder = stage.holds("SELECT count(*) FROM users");
    stage.stops("expand/01", &[], "canceling statement due to lock timeout");
    drop(holder);
    assert!(stage.runs("expand/01", &[]).contains("step 1.1 is done"));
    assert!(stage.runs("expand/01", &[]).contains("nothing to do"));
    stage.runs("expand/02", &[]);

    // A cancelled build leaves an invalid index: undo clears it, and so does the file itself.
    for again in ["undo/10", "expand/03"] {
        let holder = stage.holds("SELECT count(*) FROM pg_class");
        let child = stage.command("expand/03", &[]).stderr(std::process::Stdio::piped()).spawn().unwrap();
        let building =
            "EXISTS (SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('users_last_name_idx') AND NOT indisvalid)";
        stage.waits_for(&format!("SELECT ({building})::text"));
        stage.stops("expand/03", &[], "another session is building an index");
        stage.sql.run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'sidestep 1.3'");
        assert!(!child.wait_with_output().unwrap().status.success());
        drop(holder);
        assert_eq!(stage.sql.value(&format!("SELECT ({building})::text")), "true");
        stage.runs(again, &[]);
        assert_eq!(stage.sql.value(&format!("SELECT ({building})::text")), "false");
    }
    assert!(stage.runs("expand/03", &[]).contains("nothing to do"));

    stage.stops("expand/04", &[], "-v confirmed=1.4");
    stage.runs("expand/04", &["confirmed=1.4"]);
    stage.stops("expand/06", &[], "step 2.1 is not done");

    // A backfill that is killed keeps its finished batches.
    let child = stage.command("expand/05", &[]).stderr(std::process::Stdio::piped()).spawn().unwrap();
    stage.waits_for("SELECT EXISTS (SELECT 1 FROM users WHERE first_name IS NOT NULL)::text");
    stage.sql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sidestep 2.1'");
    assert!(!child.wait_with_output().unwrap().status.success());
    let left: u32 = stage.sql.value("SELECT count(*)::text FROM users WHERE first_name IS NULL").parse().unwrap();
    assert!(left > 0 && left < 20_000 && left.is_multiple_of(5_000), "{left}");
    stage.runs("expand/05", &[]);
    assert!(stage.runs("expand/06", &[]).contains("step 2.2 holds"));

    // No release reads the new columns while a row is not filled: the file of its deploy asks first.
    stage.sql.run("ALTER TABLE users DISABLE TRIGGER ALL");
    stage.sql.run("UPDATE users SET first_name = NULL WHERE id = 1");
    stage.stops("expand/07", &[], "step 2.1 is not done");
    stage.sql.run("ALTER TABLE users ENABLE TRIGGER ALL");
    stage.runs("expand/05", &[]);
    stage.stops("expand/07", &[], "-v confirmed=2.3");

    // Nothing is dropped without the hash of the plan.
    stage.runs("contract/11", &[]);
    stage.stops("contract/12", &[], "not confirmed");
    stage.stops("contract/12", &["approved=0123456789abcdef"], "not confirmed");
    assert_eq!(stage.sql.value("SELECT count(name)::text FROM users"), "20000");

    // Back from here: every undo in its order, twice where that may happen.
    assert!(stage.runs("undo/01", &[]).contains("nothing to undo"));
    stage.runs("undo/02", &[]);
    for file in ["undo/10", "undo/10", "undo/11", "undo/11", "undo/12", "undo/12"] {
        stage.runs(file, &[]);
    }
    let columns = "SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped";
    assert_eq!(stage.sql.value(columns), "id email name created_at");

    // And forward to the end.
    let approved = format!("approved={}", stage.plan.id);
    let mut order: Vec<String> =
        stage.files.iter().filter(|f| f.starts_with("expand/") || f.starts_with("contract/")).cloned().collect();
    order.sort_by_key(|f| f.split_once('/').unwrap().1.to_owned());
    for (file, (_, step)) in order.iter().zip(stage.plan.steps()) {
        stage.runs(file, &[&approved, &format!("confirmed={}", step.id)]);
    }
    assert_eq!(stage.sql.value(columns), "id email created_at first_name last_name");
    assert_eq!(stage.sql.value("SELECT concat(first_name, '|', last_name) FROM users WHERE id = 8"), "First8|Last8");
}
