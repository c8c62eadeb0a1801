//! gh-ost by the generated commands: it waits before the switch, is stopped by its file and by a kill, and runs again.

use super::*;

/// gh-ost is in no package registry: this runs where `SIDESTEP_GH_OST` names one of at least 1.1.8.
#[test]
fn gh_ost_runs_to_the_end_is_stopped_and_runs_again() {
    if gh_ost().is_none() {
        eprintln!("not run: `SIDESTEP_GH_OST` names no gh-ost");
        return;
    }
    // Its own server: to others the connection that reads the binary log is a replica.
    let server = &MysqlServer::private("mysql-9.7", &[]);
    let bench = Bench::new(server, &filled(USERS));
    let plan = bench.plan("ALTER TABLE users MODIFY COLUMN id BIGINT NOT NULL AUTO_INCREMENT", Executor::GhOst);
    bench.database.session().run("ANALYZE TABLE users");
    let copy = the(&plan, ": copy, and wait before the switch");
    let run = bench.dir.join("run");
    let file = |what: &str| run.join(format!("{}.users.{what}", bench.database.name));
    let (postpone, panic) = (file("postpone"), file("panic"));
    let writers = Writers::start(&bench.database.url, "users", 2);
    bench.step(the(&plan, ": this gh-ost knows what is needed"));
    bench.step(the(&plan, ": try it"));
    for how in ["panic", "KILL"] {
        let mut child = begin(&bench, copy);
        wait_for_copy(&bench, &mut child, &postpone);
        no_password_in_sight();
        if how == "panic" {
            std::fs::write(&panic, "").unwrap();
        } else {
            assert!(
                Command::new("kill").args(["-s", how, "--", &format!("-{}", child.id())]).status().unwrap().success()
            );
        }
        assert!(!child.wait().unwrap().success(), "{how}");
        let _ = std::fs::remove_file(&panic);
        let _ = std::fs::remove_file(&postpone);
        assert!(
            !bench.run(command(the(&plan, ": this gh-ost knows what is needed"))).status.success(),
            "{how}: what it leaves"
        );
        undo(&bench, copy);
        bench.assert_clean(&["users"]);
    }
    let mut child = begin(&bench, copy);
    wait_for_copy(&bench, &mut child, &postpone);
    let switch = the(&plan, ": let it switch");
    assert!(bench.run(command(switch)).status.success());
    assert!(child.wait().unwrap().success());
    let check = switch.done_when.as_ref().unwrap();
    assert_eq!(bench.database.session().value(&check.sql), check.expect);
    let (rows, done) = writers.end();
    assert_same(server.name, held(&mut bench.database.session(), "users"), rows);
    let out = bench.run(command(the(&plan, ": drop the old table")));
    let text = said(&out);
    let old = text
        .lines()
        .find_map(|l| l.strip_prefix("DROP TABLE `")?.strip_suffix("`;"))
        .unwrap_or_else(|| panic!("{text}"));
    bench.database.session().run(&format!("DROP TABLE `{old}`"));
    bench.assert_clean(&["users"]);
    eprintln!("gh-ost: {done} writes beside the run");
}

/// It says that it waits by the file, and copies on: the rows are there when both tables hold about as many.
fn wait_for_copy(bench: &Bench, child: &mut Child, postpone: &std::path::Path) {
    let deadline = Instant::now() + Duration::from_secs(90);
    let copied =
        || bench.database.session().try_rows("SELECT COUNT(*) > 5000 FROM _users_gho").is_ok_and(|r| r[0][0] == "1");
    while !postpone.exists() || !copied() {
        if child.try_wait().unwrap().is_some() {
            panic!("gh-ost ended: {}", std::fs::read_to_string(bench.dir.join("log")).unwrap());
        }
        assert!(Instant::now() < deadline, "gh-ost does not copy");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn begin(bench: &Bench, copy: &Step) -> Child {
    let log = std::fs::File::create(bench.dir.join("log")).unwrap();
    bench.shell(command(copy)).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
}
