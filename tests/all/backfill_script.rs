//! `backfill.sh` on real servers: to the end, killed and resumed, stopped, held back, refused, and what it does to hostile names;
//! `job.yaml` against Kubernetes' own schemas.

use crate::support::linters;
use crate::support::sandbox::Sandbox;
use crate::support::script::{Ended, ended, exported, script};
use crate::support::{Database, Server, Session, majors, on_each};
use sidestep::plan::{Act, Plan};
use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

struct Stage {
    home: Sandbox,
    sql: Session,
    database: Database,
    plan: Plan,
}

const USERS: &[&str] = &[
    "CREATE TABLE users (id bigserial PRIMARY KEY, name text)",
    "INSERT INTO users (name) SELECT 'First' || i || ' Last' FROM generate_series(1, 20000) i",
    "ANALYZE users",
];
const SPLIT: &str = "ALTER TABLE users ADD COLUMN first_name text, ADD COLUMN last_name text; \
    UPDATE users SET first_name = split_part(name, ' ', 1), last_name = split_part(name, ' ', 2); ALTER TABLE users DROP COLUMN name";

impl Stage {
    /// The plan of `wish`, with all steps before its first backfill done.
    fn new(major: u16, schema: &[&str], wish: &str) -> Self {
        let mut stage = Self::early(major, schema, wish);
        stage.go_up_to_the_backfill();
        stage
    }

    fn early(major: u16, schema: &[&str], wish: &str) -> Self {
        let database = Server::major(major).fresh_database();
        let mut sql = database.session();
        schema.iter().for_each(|s| sql.run(s));
        let home = Sandbox::new();
        let plan = exported(&home, &database.url, wish, "psql,backfill");
        Self { home, sql, database, plan }
    }

    fn go_up_to_the_backfill(&mut self) {
        let mut files: Vec<_> =
            fs::read_dir(self.home.path("out/expand")).unwrap().map(|f| f.unwrap().path()).collect();
        files.sort();
        for (file, (_, step)) in files.iter().zip(self.plan.steps()) {
            if matches!(step.act, Act::Backfill { .. }) {
                return;
            }
            let mut psql = Command::new("psql");
            psql.args(["-Xq", "-v", &format!("confirmed={}", step.id), "-d", &self.database.url, "-f"]).arg(file);
            let output = psql.output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let (_, rest) = self.database.url.split_once('@').unwrap();
        let (address, name) = rest.split_once('/').unwrap();
        let (host, port) = address.split_once(':').unwrap();
        let mut command = script(&self.home, arguments);
        command.env("PGHOST", host).env("PGPORT", port).env("PGDATABASE", name).env("PGUSER", "postgres");
        command
    }
    fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).spawn().unwrap())
    }
    fn start(&self, arguments: &[&str]) -> Child {
        self.command(arguments).spawn().unwrap()
    }
    fn filled(&mut self) -> u32 {
        self.sql.value("SELECT count(first_name) FROM users").parse().unwrap()
    }
    fn until(&mut self, condition: &str) {
        let begun = Instant::now();
        while self.sql.value(&format!("SELECT ({condition})::text")) != "true" {
            assert!(begun.elapsed() < Duration::from_secs(180), "never true: {condition}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    fn state(&self) -> Vec<String> {
        let names = fs::read_dir(self.home.path("out")).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|n| n.starts_with("backfill-") || n == "backfill.stop").collect();
        names.sort();
        names
    }
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn newest() -> u16 {
    majors().into_iter().max().unwrap()
}

#[test]
fn it_runs_to_the_end() {
    let _ = on_each(&majors(), |major| {
        let mut stage = Stage::new(major, USERS, SPLIT);
        let before = stage.run(&["--verify"]).with(1, &["20000\n"]);
        assert_eq!(before.told, "20000\n");
        stage.run(&["--dry-run"]).with(0, &["batches of 5000 rows", "from '1' to '5000'", "Update on"]);
        assert_eq!(stage.filled(), 0, "a dry run changes nothing");
        stage.run(&["--every", "0"]).with(0, &["5000 rows done", "20000 rows done", "done: no row is left"]);
        assert_eq!(
            stage.sql.value("SELECT count(*) FROM users WHERE first_name || ' ' || last_name IS DISTINCT FROM name"),
            "0"
        );
        assert_eq!(stage.run(&["--verify"]).with(0, &[]).told, "0\n");
        stage.run(&[]).with(0, &["0 rows done", "no row is left"]);
        assert_eq!(stage.state(), Vec::<String>::new(), "nothing is left behind");
    });
}

/// Keys of several columns whose values hold what shells, psql and the script's own lines are made of; names of the same kind.
#[test]
fn hostile_names_and_keys_stay_data() {
    const TABLE: &str = r#""s'$(touch pwned)"."t `touch pwned` "" ; x""#;
    let schema = [
        r#"CREATE SCHEMA "s'$(touch pwned)""#.to_owned(),
        format!(r#"CREATE TABLE {TABLE} ("k 1" text, "k;2" numeric, "na'me :lo" text, PRIMARY KEY ("k 1", "k;2"))"#),
        format!(
            r#"INSERT INTO {TABLE} SELECT k, i, 'v' || i FROM generate_series(1, 5) i, unnest(ARRAY['', 'a''b', E'a\nsidestep:over\nb',
               E'back\\slash', ':sidestep_lo', '$(touch pwned)', 'é', E'\r\n', '"', E'x\nsidestep:hi\ny', E'tab\there', E'end\n']) k"#
        ),
    ];
    let wish = format!(
        r#"ALTER TABLE {TABLE} ADD COLUMN "new ""x" text;
           UPDATE {TABLE} SET "new ""x" = upper("na'me :lo") || ' :hi';
           ALTER TABLE {TABLE} DROP COLUMN "na'me :lo";"#
    );
    let _ = on_each(&majors(), |major| {
        let mut stage = Stage::new(major, &schema.each_ref().map(String::as_str), &wish);
        stage.run(&["--batch", "4", "--pause", "0", "--every", "0"]).with(0, &["60 rows done", "no row is left"]);
        let wrong =
            format!(r#"SELECT count(*) FROM {TABLE} WHERE "new ""x" IS DISTINCT FROM upper("na'me :lo") || ' :hi'"#);
        assert_eq!(stage.sql.value(&wrong), "0");
        assert!(!stage.home.path("pwned").exists() && !stage.home.path("out/pwned").exists());
        assert_eq!(linters::shellcheck(&stage.home.path("out/backfill.sh")), Ok(()));
        assert_eq!(linters::kubernetes(&stage.home.path("out/job.yaml")), Ok(()));
    });
}

#[test]
fn killed_in_the_middle_it_goes_on() {
    let mut stage = Stage::new(newest(), USERS, SPLIT);
    for name in ["-KILL", "-TERM", "-INT"] {
        let before = stage.filled();
        let child = stage.start(&["--batch", "20", "--pause", "20"]);
        stage.until(&format!("SELECT count(first_name) > {} FROM users", before + 100));
        signal(&child, name);
        let end = ended(child);
        match name {
            "-KILL" => assert_eq!(end.status, None),
            "-TERM" => drop(end.with(143, &["stopped by a signal", "rows done"])),
            _ => drop(end.with(130, &["stopped by a signal"])),
        }
        // A batch that was under way when its shell was killed ends by itself.
        stage.until("SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name LIKE 'sidestep backfill%'");
        let filled = stage.filled();
        assert!(filled > before && filled < 20_000 && filled.is_multiple_of(20), "{filled}");
        assert!(stage.state().iter().any(|n| n.ends_with(".progress")), "{:?}", stage.state());
    }
    stage.run(&[]).with(0, &["going on after", "no row is left"]);
    assert_eq!(stage.filled(), 20_000);
    assert_eq!(stage.state(), Vec::<String>::new());
}

#[test]
fn without_its_progress_it_finds_the_place_again() {
    let mut stage = Stage::new(newest(), USERS, SPLIT);
    let child = stage.start(&["--batch", "200", "--pause", "20"]);
    stage.until("SELECT count(first_name) >= 1000 FROM users");
    signal(&child, "-TERM");
    ended(child).with(143, &[]);
    let filled = stage.filled();
    fs::create_dir(stage.home.path("elsewhere")).unwrap();
    let told = stage.run(&["--state", "elsewhere", "--dry-run"]).with(0, &[]).told;
    assert!(told.contains(&format!("from '{}'", filled + 1)), "{told}");
    stage.run(&["--state", "elsewhere", "--count"]).with(0, &["no row is left"]);
    assert_eq!(stage.filled(), 20_000);
}

#[test]
fn the_stop_file_stops_it() {
    let mut stage = Stage::new(newest(), USERS, SPLIT);
    let child = stage.start(&["--batch", "200", "--pause", "50"]);
    stage.until("SELECT count(first_name) > 0 FROM users");
    // A second one does not come between.
    stage.run(&[]).with(7, &["is running it"]);
    stage.home.write("out/backfill.stop", "");
    ended(child).with(10, &["stopped by", "backfill.stop"]);
    let filled = stage.filled();
    assert!(filled > 0 && filled < 20_000);
    stage.run(&[]).with(10, &["remove it"]);
    assert_eq!(stage.filled(), filled);
    fs::remove_file(stage.home.path("out/backfill.stop")).unwrap();
    stage.run(&[]).with(0, &["no row is left"]);
}

#[test]
fn it_waits_for_replicas_and_for_others() {
    let mut stage = Stage::new(newest(), USERS, SPLIT);
    stage.sql.run("CREATE TABLE lag AS SELECT 100 AS seconds");
    let child = stage.start(&["--batch", "200", "--lag-query", "SELECT seconds FROM lag", "--max-lag", "7"]);
    stage.until("EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'sidestep backfill 2.1')");
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(stage.filled(), 0, "not one batch while a replica is behind");
    stage.sql.run("UPDATE lag SET seconds = 1");
    stage.until("SELECT count(first_name) > 0 FROM users");
    stage.sql.run("UPDATE lag SET seconds = 50");
    std::thread::sleep(Duration::from_millis(1000));
    let filled = stage.filled();
    std::thread::sleep(Duration::from_millis(1000));
    assert_eq!(stage.filled(), filled, "it stops between two batches");
    stage.sql.run("UPDATE lag SET seconds = 0");
    ended(child).with(
        0,
        &["waiting: replica lag 100 s is above 7 s", "waiting: replica lag 50 s", "going on", "no row is left"],
    );

    // Somebody waits for a lock for too long.
    // The plan's own trigger would carry it over to the old column.
    stage.sql.run("ALTER TABLE users DISABLE TRIGGER USER");
    stage.sql.run("UPDATE users SET first_name = NULL, last_name = NULL WHERE id > 19000");
    stage.sql.run("CREATE TABLE other (id int)");
    let mut holder = stage.database.session();
    holder.run("BEGIN");
    holder.run("LOCK TABLE other");
    let waiter = {
        let url = stage.database.url.clone();
        std::thread::spawn(move || Session::open(&url).run("SELECT count(*) FROM other"))
    };
    stage.until("EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND now() - query_start > interval '2.1 s')");
    let child = stage.start(&["--max-wait", "2"]);
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(stage.sql.value("SELECT count(*) FROM users WHERE first_name IS NULL"), "1000");
    holder.run("COMMIT");
    waiter.join().unwrap();
    ended(child).with(0, &["a session waits for a lock for", "going on", "no row is left"]);
}

#[test]
fn it_says_no_in_its_own_words() {
    let mut stage = Stage::early(newest(), USERS, SPLIT);
    stage.run(&[]).with(6, &["is not done: run it first"]);
    stage.run(&["--nonsense"]).with(2, &["usage: bash backfill.sh"]);
    stage.run(&["--batch", "x"]).with(2, &["--batch needs a whole number"]);
    stage.run(&["--step", "9.9"]).with(2, &["this plan has no backfill 9.9", "2.1  "]);
    stage.run(&["--state", "/nowhere"]).with(2, &["cannot write into /nowhere"]);
    ended(stage.command(&[]).env("PGPORT", "1").spawn().unwrap()).with(3, &["Connection refused"]);
    stage.go_up_to_the_backfill();

    // A row that somebody else holds: it tries again, and gives up only if told to.
    let mut holder = stage.database.session();
    holder.run("BEGIN");
    holder.run("UPDATE users SET name = name WHERE id = 17");
    let script = fs::read_to_string(stage.home.path("out/backfill.sh")).unwrap();
    stage.home.write("out/backfill.sh", script.replace("LOCK_MS=5000", "LOCK_MS=200"));
    stage.run(&["--retries", "0"]).with(5, &["gave up after 0 retries", "lock timeout"]);
    let child = stage.start(&[]);
    stage.until("EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'sidestep backfill 2.1' AND wait_event_type = 'Lock')");
    stage.until("NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'sidestep backfill 2.1')");
    holder.run("COMMIT");
    ended(child).with(0, &["trying again in", "no row is left"]);

    // Something takes away what it fills: it says so instead of running for ever.
    // The plan's own trigger would carry it over to the old column.
    stage.sql.run("ALTER TABLE users DISABLE TRIGGER USER");
    stage.sql.run("UPDATE users SET first_name = NULL, last_name = NULL WHERE id < 100");
    stage.sql.run("CREATE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.first_name := NULL; NEW.last_name := NULL; RETURN NEW; END'");
    stage.sql.run("CREATE TRIGGER zzz_never BEFORE UPDATE ON users FOR EACH ROW EXECUTE PROCEDURE never()");
    stage.run(&[]).with(1, &["rows are left after round 3", "something writes them that the plan does not know"]);
    stage.run(&["--verify"]).with(1, &["99"]);
    stage.sql.run(
        "CREATE OR REPLACE FUNCTION never() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''never''; END'",
    );
    stage.run(&[]).with(4, &["ERROR:  P0001: never"]);
}

#[test]
fn a_plan_without_a_backfill_has_no_script() {
    let home = Sandbox::new();
    home.run(&["plan", "demo", "--sql", "COMMENT ON TABLE users IS 'people'", "-o", "plan.json"]);
    insta::assert_snapshot!(home.run(&["export", "plan.json", "--format", "backfill", "--out", "out"]), @r"
    exit: 4
    --- stderr
    error: a backfill script cannot express this plan: no step of it fills rows in batches
      hint: choose another format: `sidestep export --list-formats`
    ");
}
