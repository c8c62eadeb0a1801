//! An exported `backfill.sh`: planned, exported, started as a user would, and what it said in the end.

use super::sandbox::Sandbox;
use sidestep::plan::Plan;
use std::process::{Child, Command, Stdio};

/// What a run said, and how it ended.
pub struct Ended {
    pub status: Option<i32>,
    pub told: String,
}

impl Ended {
    pub fn with(self, status: i32, words: &[&str]) -> Self {
        assert_eq!(self.status, Some(status), "{}", self.told);
        words.iter().for_each(|w| assert!(self.told.contains(w), "`{w}` is missing in: {}", self.told));
        self
    }
}

/// The plan of `wish` on the server, exported into `out`.
pub fn exported(home: &Sandbox, url: &str, wish: &str, formats: &str) -> Plan {
    home.write("wish.sql", wish);
    let told = home.run(&["plan", url, "wish.sql", "--strategy", "online", "-o", "plan.json"]);
    assert!(told.starts_with("exit: 0"), "{told}");
    let told = home.run(&["export", "plan.json", "--format", formats, "--out", "out"]);
    assert!(told.starts_with("exit: 0"), "{told}");
    serde_json::from_str(&std::fs::read_to_string(home.path("plan.json")).unwrap()).unwrap()
}

/// The script without any setting of this machine but the way to its programs.
pub fn script(home: &Sandbox, arguments: &[&str]) -> Command {
    // Whoever starts the tests in the background has them ignore SIGINT, and a shell cannot catch what it inherits so.
    let mut command = Command::new("env");
    command.args(["--default-signal=INT", "bash", "out/backfill.sh"]).args(arguments).current_dir(home.path(""));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    Ended { status: output.status.code(), told: String::from_utf8_lossy(&told).into_owned() }
}
